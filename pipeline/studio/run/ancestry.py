"""The history that a fork shares with its ancestors: their curves up to the step of the fork."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from pipeline.runs import metrics
from pipeline.runs.catalogue import parent_of
from pipeline.runs.metrics import Curve
from pipeline.runs.store import RunRecord, Store
from pipeline.studio.charts.curves import StepRange, XAxis, line, measured_lines, positions

BANDS = 300
"""Points per series for the whole history before a fork: half as many as for the run itself, as it is only context."""

MOST_STRETCHES = 100
"""Maximum number of ancestors followed, from fork to parent."""


class AncestorSteps(NamedTuple):
    """Steps `first` to `last` of a run, before a fork of it."""

    run: RunRecord
    first: int
    last: int


def ancestor_steps(store: Store, run: RunRecord, part: StepRange | None = None) -> list[AncestorSteps]:
    """The steps of the run's ancestors that lead to it, earliest ancestor first; empty if it is not a fork. Those of
    an ancestor that was deleted, and of the runs before it, are missing.

    part: only these steps, as in `curves.charts`.
    """
    found = list(_backwards(store, run))[::-1]
    if part is None:
        return found
    low, high = part.widened()
    cut = [AncestorSteps(each.run, max(each.first, low), min(each.last, high)) for each in found]
    return [each for each in cut if each.first <= each.last]


def _backwards(store: Store, run: RunRecord) -> Iterator[AncestorSteps]:
    last = run.step
    for _ in range(MOST_STRETCHES):
        parent = parent_of(store, run)
        if parent is None or run.parent_step is None:
            return
        last = min(last, run.parent_step)
        run = parent
        first = (run.parent_step or 0) + 1
        if first <= last:
            yield AncestorSteps(run, first, last)


def before(
    store: Store,
    run: RunRecord,
    wanted: Mapping[str, Sequence[str]],
    x: XAxis = "step",
    smoothing: float = 0.0,
    part: StepRange | None = None,
) -> Mapping[str, pa.Table]:
    """The lines of each chart before the fork, by the chart's title, in the format of `curves.Lines.points`.

    wanted: the names of each chart's series, by title. Charts without recorded values are left out. Epochs are those of
    this run (its batch size and training images), so that the lines meet. part: as in `curves.charts`; as many points
    for it as for the whole history. Raises UnknownRun.
    """
    names = list(dict.fromkeys(name for group in wanted.values() for name in group))
    found = ancestor_steps(store, run, part)
    together = sum(each.last - each.first + 1 for each in found)
    parts = []
    dots: dict[str, list[pa.Table]] = {}
    for each in found:
        # One extra band, since a stretch may start and end inside a band.
        bands = 1 + BANDS * (each.last - each.first + 1) // together
        read = metrics.history(store, each.run.id, names, bands, each.first, each.last)
        parts.append(read)
        # The first measurement is that of the state with which the run began.
        measured = measured_lines(store, each.run, names, read, x, each.first - 1, each.last, run)
        for name, points in measured.items():
            dots.setdefault(name, []).append(points)
    at = np.concatenate([np.empty(0), *(positions(run, x, each.steps, each.seconds) for each in parts)])
    drawn = {}
    for title, group in wanted.items():
        lines = [
            dots.get(name) or [line(at, name, _joined([each.series[name] for each in parts]), smoothing)]
            for name in group
        ]
        table = pa.concat_tables(chain.from_iterable(lines)).combine_chunks()
        if table["value"].null_count < table.num_rows:
            drawn[title] = table
    return drawn


def _joined(curves: list[Curve]) -> Curve:
    nothing = np.empty(0, np.float32)
    return Curve(
        last=np.concatenate([nothing, *(curve.last for curve in curves)]),
        low=np.concatenate([nothing, *(curve.low for curve in curves)]),
        high=np.concatenate([nothing, *(curve.high for curve in curves)]),
    )
