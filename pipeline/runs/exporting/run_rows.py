"""The metrics of one run as rows, read block by block.

A row is either all metrics of a step (wide), or one value (long).
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.runs import metrics, point_series
from pipeline.runs.blocks import Float32Array, Steps
from pipeline.runs.store import RunRecord, Store

FIRST = -1
"""Before every step: a measurement of the state before the first one stands at step 0."""
LAST = 2**62


@dataclass(frozen=True)
class WideRows:
    """Up to 4,096 recorded steps. steps: (n,). values: (n, columns), NaN where present is False. present: (n, columns),
    False where a series that is measured at some steps only was not measured."""

    steps: Steps
    values: Float32Array
    present: NDArray[np.bool_]


@dataclass(frozen=True)
class LongRows:
    """n values, by step and then by column. columns: place of each value's series in `RunRows.columns`."""

    steps: Steps  # (n,)
    columns: NDArray[np.int32]  # (n,)
    values: Float32Array  # (n,)


class RunRows:
    """The rows of a run.

    columns: names of its series, in the order in which they were first recorded. points: the measurements of those that
    have a value at some steps only, by name; measured: their names.
    """

    def __init__(self, store: Store, record: RunRecord, measured: Collection[str] = ()) -> None:
        """measured: names of the series that are measured at some steps only, needed for runs made before version
        0.4.0. Raises UnknownRun."""
        self._store = store
        self.record = record
        self.columns = metrics.names(store, record.id)
        self.points = point_series.from_rows(store, record.id, measured)
        self.points |= point_series.read(store, record.id, self.columns)
        self.measured = self.points.keys()

    @property
    def steps(self) -> int:
        """About how many steps are recorded, for progress messages."""
        return max(0, self.record.step - (self.record.parent_step or 0))

    def wide(self) -> Iterator[WideRows]:
        """A row for every recorded step; a measurement before the first step has none.

        NaN in a series of every step: the value is NaN, or was not recorded at that step. Raises UnknownRun.
        """
        for steps, values in metrics.rows(self._store, self.record.id):
            present = np.ones(values.shape, bool)
            for column, name in enumerate(self.columns):
                if name in self.measured:
                    values[:, column], present[:, column] = self._at(name, steps)
            yield WideRows(steps, values, present)

    def long(self) -> Iterator[LongRows]:
        """A row for every value, measurements before the first step included; NaN has none. Raises UnknownRun."""
        done = FIRST
        for steps, values in metrics.rows(self._store, self.record.id):
            every = np.array([name not in self.measured for name in self.columns])
            rows, columns = np.nonzero(~np.isnan(values) & every)
            yield self._with_points(done, int(steps[-1]), steps[rows], columns, values[rows, columns])
            done = int(steps[-1])
        none = np.empty(0, np.int64)
        last = self._with_points(done, LAST, none, none, np.empty(0, np.float32))
        if len(last.steps):
            yield last

    def _at(self, name: str, steps: Steps) -> tuple[Float32Array, NDArray[np.bool_]]:
        """The values of a measured series at these steps, (n,), and whether it was measured there, (n,)."""
        points = self.points[name]
        at = np.searchsorted(points.steps, steps)
        found = at < len(points.steps)
        found[found] = points.steps[at[found]] == steps[found]
        values = np.full(len(steps), np.nan, np.float32)
        values[found] = points.values[at[found]]
        return values, found

    def _with_points(
        self, after: int, last: int, steps: Steps, columns: NDArray[np.int64], values: Float32Array
    ) -> LongRows:
        """These values, and the measurements after step `after` up to `last`, in order."""
        every_steps, every_columns, every_values = [steps], [columns], [values]
        for column, name in enumerate(self.columns):
            if name in self.measured:
                points = self.points[name].between(after + 1, last)
                known = ~np.isnan(points.values)
                every_steps.append(points.steps[known])
                every_columns.append(np.full(int(known.sum()), column))
                every_values.append(points.values[known])
        steps, columns = np.concatenate(every_steps), np.concatenate(every_columns)
        order = np.lexsort([columns, steps])
        return LongRows(steps[order], columns[order].astype(np.int32), np.concatenate(every_values)[order])
