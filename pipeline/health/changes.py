"""The rules on what follows a user's change: a loss that leaves its range after a live change or after a fork.

A loss is compared with its own range in the steps before. If several networks have losses against each other, as in a
game, a fall of one is trouble for another and counts like a rise; a single loss may fall.
"""

from collections.abc import Sequence
from functools import partial
from itertools import groupby

import numpy as np

from pipeline.formatting import listed, plain
from pipeline.formatting import number as rounded
from pipeline.health.facts import LiveChange
from pipeline.health.gradients import learning_rates
from pipeline.health.hint import Hint, Rule, Suggestion
from pipeline.health.history import WARM_UP, Float64Array, History
from pipeline.why import Why

BLAMES = SPIKE, SLUMP = ("spike-after-change", "slump-after-change")
"""Codes of the hints that blame a live change."""

BEFORE, AFTER = 100, 100
"""Steps before and after a change that are compared."""

FEWEST = 20
"""Fewest finite values on either side."""

SMOOTHED = 5
"""Values in a moving median, so that a single batch is no spike."""

FAR = 2.0
"""How many widths of the range before a loss must leave it. The range has nine tenths of the values, so that noise of
that size stays within a tenth of this distance, and the drift of a healthy run within half of it."""

LEAST_WIDTH = 0.05
"""Smallest width of a range, relative to its median: a loss that hardly moves has no spike when it moves a little."""

REMEMBERED = 500
"""Steps for which a change or a fork is judged."""

SETTLED = 50
"""Last steps of a fork whose median is compared with its parent."""

WHY_CHANGE = Why(
    "The weights and the optimizer's averages fit the old value, so the first steps with a much larger one can "
    "overshoot. Goyal et al. raise a learning rate gradually for this reason.",
    "Goyal et al. 2017",
    "https://arxiv.org/abs/1706.02677",
)
WHY_FORK = Why(
    "A fork starts with weights that fit its parent's settings, which need not be a good start for its own. Networks "
    "that start warm can even end at a worse result than fresh ones.",
    "Ash & Adams 2020",
    "https://arxiv.org/abs/1910.08475",
)


def after_live_change(history: History) -> Hint | None:
    """A loss had a spike or a slump after a live change, compared with the steps before it. The latest change
    counts."""
    changes = [change for change in history.facts.changes if WARM_UP <= change.step < history.step]
    if not changes:
        return None
    together = [list(each) for _, each in groupby(changes, key=lambda change: change.step)]
    ends = [*(each[0].step for each in together[1:]), history.step]
    for made, end in reversed(list(zip(together, ends, strict=True))):
        if made[0].step < history.step - REMEMBERED:
            return None
        for name in history.losses:
            if hint := _moved(history, made, name, end):
                return hint
    return None


def _moved(history: History, made: Sequence[LiveChange], name: str, end: int) -> Hint | None:
    step = made[0].step
    before = _values_before(history, name, step)
    after = history.between(name, step, min(end, step + AFTER))
    if min(len(before), len(after)) < FEWEST:
        return None
    low, usual, high = _range(before)
    smooth = np.median(np.lib.stride_tricks.sliding_window_view(after, SMOOTHED), axis=1)
    allowed = FAR * max(high - low, LEAST_WIDTH * abs(usual))
    rise, fall = float(smooth.max()) - high, low - float(smooth.min())
    if not history.rivals(name):
        fall = -1.0
    latest = history.between(name, max(step, history.step - FEWEST), history.step)
    # Without a value now, the loss is one of an earlier phase.
    if max(rise, fall) <= allowed or not len(latest):
        return None
    now = float(np.median(latest))
    peak = float(smooth.max() if rise >= fall else smooth.min())
    lasts = now > high + allowed if rise >= fall else now < low - allowed
    then = f"and is still about {rounded(now)}" if lasts else f"and is about {rounded(now)} now"
    changed = listed(f"{each.what} from {plain(each.before)} to {plain(each.after)}" for each in made)
    who = made[-1].who or "a user"
    # The step of the change has the new values already, unless a fork began with it: there is no step before that one.
    undone = step if history.facts.fork is not None and history.facts.fork.step == step else step - 1
    return Hint(
        code=SPIKE if rise >= fall else SLUMP,
        severity="warning" if lasts else "info",
        evidence={"step": step, f"{name} before": usual, f"{name} at its worst": peak, name: now},
        text=f"After {who} changed {changed} at step {step:,}, {name} went from about {rounded(usual)} to "
        f"{rounded(peak)} {then}.",
        remedy=f"Go back to step {undone:,} and change it in smaller steps, or set it back.",
        suggestions=tuple(Suggestion(each.role, each.parameter) for each in made if each.role),
        brief=f"{name} {'rose' if rise >= fall else 'fell'} after a change",
        why=WHY_CHANGE,
        since=undone + 1,
    )


def _values_before(history: History, name: str, step: int) -> Float64Array:
    """The finite values of the BEFORE steps up to `step`, also those of the parent before a fork."""
    own, fork = history.between(name, step - BEFORE, step), history.facts.fork
    if fork is None or fork.step <= step - BEFORE:
        return own
    inherited = np.asarray(fork.series.get(name, ()), np.float64)
    return np.concatenate([inherited[np.isfinite(inherited)], own])[-BEFORE:]


def off_parents_range(roles: Sequence[str]) -> Rule:
    """A fork's loss is far off the range of its parent's last steps. roles: roles of the networks."""
    return partial(_off_parents_range, learning_rates(roles))


def _off_parents_range(suggestions: tuple[Suggestion, ...], history: History) -> Hint | None:
    fork = history.facts.fork
    # What a user changed where the run was forked is judged as a live change.
    if fork is None or any(change.step == fork.step for change in history.facts.changes):
        return None
    if not fork.step + SETTLED <= history.step <= fork.step + REMEMBERED:
        return None
    for name in history.losses:
        before = np.asarray(fork.series.get(name, ()), np.float64)
        before = before[np.isfinite(before)]
        latest = history.between(name, max(fork.step, history.step - SETTLED), history.step)
        if len(before) < BEFORE or len(latest) < SETTLED // 2:
            continue
        low, usual, high = _range(before)
        allowed = FAR * max(high - low, LEAST_WIDTH * abs(usual))
        now = float(np.median(latest))
        if now > high + allowed or (now < low - allowed and history.rivals(name)):
            return Hint(
                code="fork-off-range",
                severity="warning",
                evidence={"step": fork.step, f"{name} low": low, f"{name} high": high, name: now, "steps": SETTLED},
                text=f"Before the fork at step {fork.step:,} the parent's {name} was mostly between {rounded(low)} and "
                f"{rounded(high)}, and the median of this fork's last {SETTLED} steps is {rounded(now)}: what the fork "
                "changes has thrown it off.",
                remedy="Fork again with a smaller change, or with lower learning rates.",
                suggestions=suggestions,
                brief=f"{name} is off its parent's range",
                why=WHY_FORK,
            )
    return None


def _range(values: Float64Array) -> tuple[float, float, float]:
    """The quantiles 0.05, 0.5 and 0.95."""
    low, middle, high = (float(each) for each in np.quantile(values, (0.05, 0.5, 0.95)))
    return low, middle, high
