"""Whether two runs recorded the same numbers, step by step, and where they first differ."""

from dataclasses import dataclass, replace

import numpy as np

from pipeline.runs import metrics
from pipeline.runs.block_rows import find_series
from pipeline.runs.metrics import CLOCK_SERIES
from pipeline.runs.store import Store

CHUNK = 4096
"""Steps that are read at a time."""


@dataclass(frozen=True)
class Difference:
    """The first step at which a series differs, and its values in the two runs, as float32."""

    step: int
    series: str
    original: float
    again: float

    @property
    def size(self) -> float:
        """By how much the second value is above the first; NaN if one is not a number."""
        return self.again - self.original


@dataclass(frozen=True)
class Agreement:
    """What a comparison found. last: the last compared step, None before the first. difference: None if all compared
    steps agree."""

    last: int | None = None
    difference: Difference | None = None

    @property
    def sentence(self) -> str:
        """The result in words."""
        if self.difference is None:
            return "No step has been compared yet." if self.last is None else f"They agree up to step {self.last:,}."
        found = self.difference
        return (
            f"They first differ at step {found.step:,}: {found.series} was {found.original:.9g} and is "
            f"{found.again:.9g}, by {found.size:.3g}."
        )


def compare(
    store: Store, original: str, again: str, first: int, last: int, before: Agreement | None = None
) -> Agreement:
    """Compare what both runs recorded at each of the steps `first` to `last`, bit for bit; NaN equals NaN.

    before: the result for earlier steps, which is continued. Clocks are not compared, nor what is measured at some
    steps only, nor series and steps that one of the runs does not have; a run that was deleted has none. Raises
    UnknownRun if one is deleted meanwhile.
    """
    found = before or Agreement()
    if found.difference is not None:
        return found
    names = _common(store, original, again)
    if not names:
        return found
    for start in range(first, last + 1, CHUNK):
        found = _compare(store, (original, again), names, start, min(last, start + CHUNK - 1), found)
        if found.difference is not None:
            break
    return found


def _compare(
    store: Store, runs: tuple[str, str], names: list[str], first: int, last: int, before: Agreement
) -> Agreement:
    read = [metrics.history(store, run, names, CHUNK, first, last) for run in runs]
    steps, *places = np.intersect1d(read[0].steps, read[1].steps, assume_unique=True, return_indices=True)
    if not len(steps):
        return before
    tables = [
        np.stack([curves.series[name].last[at] for name in names]).astype(np.float32)
        for curves, at in zip(read, places, strict=True)
    ]
    different = (tables[0] != tables[1]) & ~(np.isnan(tables[0]) & np.isnan(tables[1]))
    wrong = np.flatnonzero(different.any(axis=0))
    if not len(wrong):
        return replace(before, last=int(steps[-1]))
    at = int(wrong[0])
    series = int(np.flatnonzero(different[:, at])[0])
    values = [float(table[series, at]) for table in tables]
    return Agreement(int(steps[at]), Difference(int(steps[at]), names[series], *values))


def _common(store: Store, original: str, again: str) -> list[str]:
    """The series that both runs record at every step, in the order of the first."""
    with store.database.reading() as connection:
        found = [find_series(connection, run) for run in (original, again)]
    every_step = [[name for name, each in series.items() if each.start is not None] for series in found]
    return [name for name in every_step[0] if name in every_step[1] and name not in CLOCK_SERIES]
