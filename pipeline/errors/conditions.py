"""What is refused about the conditions of breakpoints and about the expressions of watches."""

from collections.abc import Collection

from pipeline.errors.base import Refusal, nearest

QUOTED = 60
"""Characters of somebody's expression that a sentence repeats at most."""

PIECE = 24
"""Characters from the place on where it goes wrong."""


class MalformedExpression(Refusal):
    """An expression that says nothing in this language.

    position: the character (from 0) where it goes wrong, None where it is wrong as a whole.
    """

    def __init__(self, text: str, reason: str, remedy: str, position: int | None = None, piece: str = "") -> None:
        self.position = position
        where = ""
        if position is not None:
            here = f"at character {position + 1}, {_begin(piece, PIECE)!r}" if piece else "at its end"
            where = f"goes wrong {here}: "
        super().__init__(f"The expression {_begin(text)!r} {where}{reason}. {remedy}")


class UnknownMetric(Refusal):
    """A name that is no metric of the run; `position` is the character (from 0) where it stands."""

    def __init__(self, name: str, position: int, known: Collection[str]) -> None:
        self.position = position
        same = [each for each in known if each.casefold() == name.casefold()]
        super().__init__(
            f"There is no metric {_begin(name)!r} (at character {position + 1})"
            f"{nearest(same[0] if same else name, known)} An expression may name {', '.join(known)}."
        )


class NotACondition(Refusal):
    """An expression whose value is a number where one that is true or false is asked for."""

    def __init__(self, text: str) -> None:
        text = _begin(text)
        super().__init__(f"{text} is a number and not a condition. Compare it with something: {text} > 2.")


class DividedByZero(Refusal):
    """A condition that cannot be judged at a step, since it divides by something that is zero there."""

    def __init__(self, text: str, step: int, divisor: str) -> None:
        self.step = step
        super().__init__(
            f"The expression {_begin(text)!r} divides by zero at step {step:,}: {_begin(divisor)} is 0 there. "
            f"Guard it: {_begin(divisor)} != 0 and ({_begin(text)})."
        )


def _begin(text: str, length: int = QUOTED) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"
