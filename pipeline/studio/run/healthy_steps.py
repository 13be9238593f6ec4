"""The last healthy step before each hint, so that Back can lead there.

What a hint reports began before the hint appeared: rules look back on many steps. So the step is sought at which the
rule first spoke up, and from there the first step of the evidence; the step before that one is healthy. No step after
a change that a hint blames is healthy: what began there may be a consequence.
"""

from collections.abc import Mapping

from pipeline.health import rules
from pipeline.health.changes import BLAMES
from pipeline.health.hint import Hint, Rule
from pipeline.health.history import WARM_UP, History
from pipeline.runs.store import RunRecord, Store
from pipeline.runtime.messages.snapshot import RewindStatus
from pipeline.studio.health import LONGEST, recorded_history, rules_of, span_of

MOST_TRIES = 5
"""A healthy step may turn out to be within an earlier spell of the same trouble; the search then goes on before it."""


def healthy_steps(store: Store, record: RunRecord, step: int, kept: RewindStatus) -> Mapping[str, int]:
    """For each hint on the run at `step`, by code, the last healthy step that Back can reach; without those that have
    none. Raises UnknownRun.

    kept: what Back can start from. A step can be reached if a snapshot or a checkpoint is at or before it.
    """
    starts = [each for each in (*kept.snapshots, *kept.checkpoints) if each >= kept.first]
    if not starts:
        return {}
    count = span_of(record)
    family, history = recorded_history(store, record, step, LONGEST + count)
    begin = record.parent_step or 0
    # Without all the steps that a hint judges, no step can be said to be healthy.
    known = history.step - len(history.steps)
    earliest = max(min(starts), begin if known <= begin else known + count)
    found = {}
    for rule in rules_of(family):
        hint = rules.asked(rule, history.until(step, count))
        if hint is not None and hint.since is not None:
            healthy = _last_healthy(rule, history, count, begin, earliest)
            if healthy is not None:
                found[hint.code] = healthy
    before_change = min((found[code] for code in BLAMES if code in found), default=step)
    return {code: min(healthy, before_change) for code, healthy in found.items()}


def _last_healthy(rule: Rule, history: History, count: int, begin: int, earliest: int) -> int | None:
    at = history.step
    for _ in range(MOST_TRIES):
        first = _first_of_spell(rule, history, count, at, earliest)
        hint = first and _judged(rule, history, count, first)
        if not hint or not first or hint.since is None:
            return None
        lasted = first - hint.since + 1
        # At the first step that can be judged at all, nobody knows when it began.
        if lasted > 1 and first <= max(WARM_UP, begin) + 2 * lasted:
            return None
        at = hint.since - 1
        if at < earliest:
            return None
        if _judged(rule, history, count, at) is None:
            return at
    return None


def _first_of_spell(rule: Rule, history: History, count: int, bad: int, earliest: int) -> int | None:
    """The first step of the spell of hints that `bad` is in; None if it reaches back to `earliest`.

    The distance is doubled until a step without the hint is found, and then halved.
    """
    distance = 1
    while _judged(rule, history, count, good := max(earliest, bad - distance)) is not None:
        if good == earliest:
            return None
        bad, distance = good, 2 * distance
    while bad - good > 1:
        middle = (good + bad) // 2
        if _judged(rule, history, count, middle) is None:
            good = middle
        else:
            bad = middle
    return bad


def _judged(rule: Rule, history: History, count: int, step: int) -> Hint | None:
    return rules.asked(rule, history.until(step, count))
