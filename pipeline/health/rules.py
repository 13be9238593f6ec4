"""Run all rules on a run's history; a rule that fails does not affect the others."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from pipeline.formatting import describe_error
from pipeline.health.changes import BLAMES
from pipeline.health.hint import SEVERITIES, Hint, Rule, Suggestion
from pipeline.health.history import History
from pipeline.why import Why


def hints(history: History, rules: Iterable[Rule]) -> tuple[Hint, ...]:
    """The hints of a history, most severe first; () if all is well or the history is too short.

    rules: those of the run's family; equally severe hints keep their order, since later ones are often consequences of
    earlier ones. If a rule raises, or returns anything but a hint, a hint reports it. If a hint blames a change of a
    parameter, the remedies that would change it once more say so. Pure: the same history gives the same hints.
    Non-finite values are ignored or reported by a hint.
    """
    found = [hint for rule in rules if (hint := asked(rule, history)) is not None]
    blamed = next((hint for hint in found if hint.code in BLAMES and "step" in hint.evidence), None)
    mindful = [hint if blamed is None else _mindful(hint, blamed) for hint in found]
    return tuple(sorted(mindful, key=lambda hint: SEVERITIES.index(hint.severity)))


def _mindful(hint: Hint, blamed: Hint) -> Hint:
    """The hint, with a remedy that says so if `blamed` found that a change of the same parameter was the cause."""
    if hint is blamed or not {*hint.suggestions} & {*blamed.suggestions}:
        return hint
    return replace(hint, remedy=f"{hint.remedy} First undo the change at step {blamed.evidence['step']:,}, though.")


def asked(rule: Rule, history: History) -> Hint | None:
    """The hint of one rule, None if all is well; a hint that says so if the rule fails."""
    try:
        # Huge values may overflow in a mean; the rule then gets an infinity and reports nothing.
        with np.errstate(all="ignore"):
            found = rule(history)
        return found if found is None or _is_sound(found) else _failed(rule, "it returned something that is not a hint")
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - a custom rule may raise anything; run the others
        return _failed(rule, f"it raised {describe_error(error)}")


def _is_sound(hint: object) -> bool:
    """Whether it is a valid hint; a custom rule may return anything."""
    return (
        isinstance(hint, Hint)
        and hint.severity in SEVERITIES
        and all(isinstance(words, str) for words in (hint.code, hint.text, hint.remedy))
        and all(isinstance(lever, Suggestion) for lever in hint.suggestions)
        and isinstance(hint.brief, str)
        and isinstance(hint.why, Why | None)
        and isinstance(hint.since, int | None)
    )


def _failed(rule: Rule, why: str) -> Hint:
    function = getattr(rule, "func", rule)
    name = getattr(function, "__name__", type(function).__name__)
    return Hint(
        code="rule-failed",
        severity="info",
        evidence={},
        text=f"The rule {name} could not judge this run, since {why}.",
        remedy="Fix the rule in the declaration of the run's family; the other rules are not affected.",
    )
