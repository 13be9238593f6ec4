"""The range of steps that a zoomed page shows, and its place on each kind of x-axis."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.runs import metrics
from pipeline.runs.store import RunRecord, Store
from pipeline.studio.charts.curves import BANDS, StepRange, XAxis, positions
from pipeline.studio.run import ancestry

SHORTEST = 2
"""Least number of steps from the first to the last of a range: a single point is no curve."""


class _Clock(NamedTuple):
    """Steps (n,) of a run and its ancestors, ascending, and the seconds of training (n,) after each."""

    steps: NDArray[np.int64]
    seconds: NDArray[np.float64]


def steps_between(store: Store, run: RunRecord, x: XAxis, low: float, high: float) -> StepRange | None:
    """The steps from position `low` to position `high` of an x-axis, at least SHORTEST apart; None if the ends are not
    finite or lie outside everything that the run and its ancestors recorded. Raises UnknownRun."""
    low, high = min(low, high), max(low, high)
    if not np.isfinite([low, high]).all():
        return None
    if x == "time":
        clock = _clock(store, run)
        low, high = np.interp([low, high], clock.seconds, clock.steps)
    elif x in ("epoch", "images"):
        images = run.train_images if x == "epoch" else 1
        low, high = (each * images / run.batch_size for each in (low, high))
    first, last = max(0, int(np.floor(min(low, run.step)))), min(run.step, int(np.ceil(min(high, run.step))))
    return StepRange(max(0, min(first, last - SHORTEST)), max(last, first + SHORTEST)) if last > first else None


def ends_of(store: Store, run: RunRecord, x: XAxis, steps: StepRange) -> tuple[float, float]:
    """Where a range begins and ends on an x-axis. Raises UnknownRun."""
    ends = np.array(steps, np.int64)
    seconds = np.zeros(2, np.float32)
    if x == "time":
        clock = _clock(store, run)
        seconds = np.interp(ends, clock.steps, clock.seconds).astype(np.float32)
    low, high = positions(run, x, ends, seconds)
    return float(low), float(high)


def _clock(store: Store, run: RunRecord) -> _Clock:
    """The seconds of training after the steps of a run's ancestors and its own, beginning with step 0."""
    parts = [(each.run.id, each.first, each.last) for each in ancestry.ancestor_steps(store, run)]
    parts.append((run.id, (run.parent_step or 0) + 1, max(1, run.step)))
    clocks = [metrics.history(store, each, [], BANDS, first, last) for each, first, last in parts]
    steps = np.concatenate([[0], *(each.steps for each in clocks)]).astype(np.int64)
    seconds = np.concatenate([[0.0], *(each.seconds for each in clocks)]).astype(np.float64)
    return _Clock(steps, np.maximum.accumulate(np.nan_to_num(seconds)))
