"""Every rule asked of a run's history, none of which can keep another from being heard."""

from collections.abc import Iterable

import numpy as np

from pipeline.formatting import describe_error
from pipeline.health.hint import SEVERITIES, Hint, Lever, Rule
from pipeline.health.history import History


def hints(history: History, rules: Iterable[Rule]) -> tuple[Hint, ...]:
    """What the history shows, the most severe first; () where all is well, or where it is too short to judge.

    rules: of the run's family; among equally severe hints that of the first rule stands first: what is further down is
    often a consequence of it. Whatever one from elsewhere raises, or returns instead of a hint, becomes a hint that
    says so. Pure: the same history gives the same hints. Values may be anything; what is not finite is left out, or is
    a hint.
    """
    # Values from anywhere may overflow in a mean; a rule then sees an infinity and says nothing of it.
    with np.errstate(all="ignore"):
        found = [hint for rule in rules if (hint := _asked(rule, history)) is not None]
    return tuple(sorted(found, key=lambda hint: SEVERITIES.index(hint.severity)))


def _asked(rule: Rule, history: History) -> Hint | None:
    try:
        found = rule(history)
        return found if found is None or _is_sound(found) else _failed(rule, "it returned something that is no hint")
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - whatever a rule from elsewhere does, the others are heard
        return _failed(rule, f"it raised {describe_error(error)}")


def _is_sound(hint: object) -> bool:
    """Whether it can be shown. Asked because a rule from elsewhere may return anything."""
    return (
        isinstance(hint, Hint)
        and hint.severity in SEVERITIES
        and all(isinstance(words, str) for words in (hint.code, hint.text, hint.remedy))
        and all(isinstance(lever, Lever) for lever in hint.levers)
    )


def _failed(rule: Rule, why: str) -> Hint:
    function = getattr(rule, "func", rule)
    name = getattr(function, "__name__", type(function).__name__)
    return Hint(
        code="rule-failed",
        severity="info",
        evidence={},
        text=f"The rule {name} could not judge this run, since {why}.",
        remedy="Mend the rule where the run's family is declared: the other rules have been asked all the same.",
    )
