"""Errors in breakpoint conditions and watch expressions."""

from collections.abc import Collection

from pipeline.errors.base import Refusal, nearest

QUOTED = 60
"""Maximum number of characters of an expression quoted in a message."""

PIECE = 24
"""Maximum number of characters quoted from the position of the error."""


class MalformedExpression(Refusal):
    """An expression with a syntax error.

    position: the character (from 0) where it goes wrong, None if it is wrong as a whole.
    """

    def __init__(self, text: str, reason: str, remedy: str, position: int | None = None, piece: str = "") -> None:
        self.position = position
        where = ""
        if position is not None:
            here = f"at character {position + 1}, {_begin(piece, PIECE)!r}" if piece else "at its end"
            where = f"goes wrong {here}: "
        super().__init__(f"The expression {_begin(text)!r} {where}{reason}. {remedy}")


class UnknownMetric(Refusal):
    """A name that is not a metric of the run; `position` is its first character (from 0)."""

    def __init__(self, name: str, position: int, known: Collection[str]) -> None:
        self.position = position
        same = [each for each in known if each.casefold() == name.casefold()]
        super().__init__(
            f"There is no metric {_begin(name)!r} (at character {position + 1})"
            f"{nearest(same[0] if same else name, known)} An expression may use {', '.join(known)}."
        )


class NotACondition(Refusal):
    """An expression whose value is a number, used as a condition."""

    def __init__(self, text: str) -> None:
        text = _begin(text)
        super().__init__(f"{text} is a number, not a condition. Compare it with something: {text} > 2.")


class DividedByZero(Refusal):
    """A condition that divides by zero at a step and so has no value there."""

    def __init__(self, text: str, step: int, divisor: str) -> None:
        self.step = step
        super().__init__(
            f"The expression {_begin(text)!r} divides by zero at step {step:,}: {_begin(divisor)} is 0 there. "
            f"Guard it: {_begin(divisor)} != 0 and ({_begin(text)})."
        )


def _begin(text: str, length: int = QUOTED) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"
