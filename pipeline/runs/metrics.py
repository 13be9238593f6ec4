"""Metrics of a run: one value per step and series, stored in blocks and read as curves.

What is measured at some steps only is stored as points (`point_series.py`). A curve of it has, at every step, the
latest value measured at or before that step.

A chart shows about a thousand points, a run may have ten million steps. So a curve is read in bands, a power of two
steps wide, each with its last, lowest and highest value. Curves are exact at any length, since they are merged from
summaries (`blocks.py`), as fine as the chart needs. The series "seconds" holds the elapsed training seconds and gives
every curve its time axis.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike
from sqlalchemy import Connection

from pipeline.runs.block_rows import Recorded, add_series, cut_after, extend, extent, fetch, find_series
from pipeline.runs.blocks import BLOCK, CELL, Cells, Float32Array, Steps, joined
from pipeline.runs.point_rows import cut_points_after, fetch_points, find_measured
from pipeline.runs.points import carried
from pipeline.runs.remote.changes import Appended, Truncated, note
from pipeline.runs.store import Store, require_run

SECONDS = "seconds"
CLOCK_SERIES = ("images_per_second", SECONDS)
"""Series that every run has after those of its updates: batch size · steps per second, and elapsed training seconds."""


@dataclass(frozen=True)
class Curve:
    """One series in n bands; NaN in bands without a value. low and high ignore NaN unless all values are NaN."""

    last: Float32Array  # (n,)
    low: Float32Array  # (n,)
    high: Float32Array  # (n,)


@dataclass(frozen=True)
class Curves:
    """Several series over the same n bands.

    steps: the last step in each band. seconds: elapsed training seconds at that step, NaN if unknown. width: steps per
    band, a power of two; bands start after multiples of it, so that they stay in place while the run grows.
    points: number of steps recorded within the bands, for "n of m".
    """

    steps: Steps  # (n,)
    seconds: Float32Array  # (n,)
    series: Mapping[str, Curve]
    points: int
    width: int


def append(store: Store, run: str, first_step: int, names: Sequence[str], values: ArrayLike) -> None:
    """Record values (steps, series), stored as float32, of consecutive steps from `first_step` (1 or more).

    Recording a step again means that the run was rewound: everything recorded from `first_step` on is deleted first.
    Raises UnknownRun, CannotWrite.
    """
    array = np.asarray(values, np.float32)
    with store.database.writing() as connection:
        require_run(connection, run)
        append_in(connection, run, first_step, names, array)


def append_in(connection: Connection, run: str, first_step: int, names: Sequence[str], values: Float32Array) -> None:
    """As `append`, within a transaction, for a run that exists."""
    cut_points_after(connection, run, first_step - 1)
    found = cut_after(connection, run, first_step - 1)
    missing = [name for name in names if name not in found]
    if missing:
        add_series(connection, run, missing)
        found = find_series(connection, run)
    extend(connection, first_step, [(found[name], values[:, column]) for column, name in enumerate(names)])
    note(connection, Appended(run, first_step, tuple(names), values.astype("<f4").tobytes()))


def truncate(store: Store, run: str, after_step: int) -> None:
    """Delete everything recorded after step `after_step`, from which the run continues; a measurement at that step
    stays. Raises UnknownRun, CannotWrite."""
    with store.database.writing() as connection:
        require_run(connection, run)
        truncate_in(connection, run, after_step)


def truncate_in(connection: Connection, run: str, after_step: int) -> None:
    """As `truncate`, within a transaction, for a run that exists."""
    cut_points_after(connection, run, after_step)
    cut_after(connection, run, after_step)
    note(connection, Truncated(run, after_step))


def names(store: Store, run: str) -> list[str]:
    """The run's series, in the order in which they were first recorded: those of every step, then those measured at
    some steps. Empty before the first step, though a measurement may have been made. Raises UnknownRun."""
    with store.database.reading() as connection:
        require_run(connection, run)
        return _in_order(find_series(connection, run))


def history(
    store: Store,
    run: str,
    names: Sequence[str] | None = None,
    bands: int = 1000,
    first: int | None = None,
    last: int | None = None,
) -> Curves:
    """Curves of the named series (default: all but "seconds") over steps `first` to `last`, in at most `bands` bands.

    Every band is exact, even if the range cuts through it. A series that the run does not have is NaN throughout; one
    that is measured at some steps is NaN before the first of them. Raises UnknownRun.
    """
    with store.database.reading() as connection:
        require_run(connection, run)
        found = find_series(connection, run)
        if names is None:
            names = [name for name in _in_order(found) if name != SECONDS]
        wanted = {name: found[name] for name in (*names, SECONDS) if name in found}
        start, end = extent(wanted.values())
        first, last = max(first or start, start), min(end if last is None else last, end)
        width = band_width(first, last, bands)
        # If the run starts or ends within a band, nothing outside the range needs to be excluded from it.
        low = (first - 1) // width * width + 1 if first == start else first
        high = -(-last // width) * width if last == end else last
        every_step = {name: each.series for name, each in wanted.items() if each.start is not None}
        cells = {name: _read(connection, series, low, high, width) for name, series in every_step.items()}
        measured = [each for each in find_measured(connection, run).values() if each.name in wanted]
        points = {each.name: fetch_points(connection, each.series, first, max(first, last)) for each in measured}
    curves = _aligned(cells, names, width)
    first_steps = np.maximum((curves.steps - 1) // width * width + 1, first)
    held = {name: Curve(*carried(each, first_steps, curves.steps)) for name, each in points.items()}
    return replace(curves, series={**curves.series, **held})


def rows(store: Store, run: str) -> Iterator[tuple[Steps, Float32Array]]:
    """Every recorded step in order: steps (n,) and values (n, series), series as in `names`, at most 4,096 at a time.

    NaN if a series was not recorded at a step: one that is measured at some steps has values only there. Raises
    UnknownRun.
    """
    with store.database.reading() as connection:
        require_run(connection, run)
        series = find_series(connection, run)
        measured = find_measured(connection, run)
    found = [series[name] for name in _in_order(series)]
    start, end = extent(found)
    for block in range((start - 1) // BLOCK, (end - 1) // BLOCK + 1):
        table = np.full((BLOCK, len(found)), np.nan, np.float32)
        recorded = np.zeros(BLOCK, bool)
        low = block * BLOCK + 1
        # One transaction per block: a transaction as long as the whole read would keep the write-ahead log from being
        # cleared.
        with store.database.reading() as connection:
            for column, each in enumerate(found):
                cells = fetch(connection, each.series, low, low + BLOCK - 1, 1)
                table[cells.ends - low, column] = cells.last
                recorded[cells.ends - low] = True
                if each.name in measured:
                    points = fetch_points(connection, each.series, low, low + BLOCK - 1).between(low, low + BLOCK - 1)
                    table[points.steps - low, column] = points.values
        if recorded.any():
            yield np.flatnonzero(recorded) + low, table[recorded]


def _in_order(found: Mapping[str, Recorded]) -> list[str]:
    every_step = [name for name, each in found.items() if each.start is not None]
    return [*every_step, *(name for name in found if name not in every_step)] if every_step else []


def band_width(first: int, last: int, bands: int) -> int:
    """The least power of two that puts steps first to last into at most `bands` bands."""
    width = 1
    while (last - 1) // width - (first - 1) // width >= bands:
        width *= 2
    return width


def _read(connection: Connection, series: int, low: int, high: int, width: int) -> Cells:
    """Steps low to high of a series, merged into bands: whole bands from summaries, partial ones from the values."""
    whole_from, whole_to = -(-(low - 1) // width) * width + 1, high // width * width
    if whole_from > whole_to:
        return fetch(connection, series, low, high, 1).merged(width)
    resolution = BLOCK if width >= BLOCK else CELL if width >= CELL else 1
    parts = [fetch(connection, series, whole_from, whole_to, resolution)]
    if low < whole_from:
        parts.insert(0, fetch(connection, series, low, whole_from - 1, 1))
    if high > whole_to:
        parts.append(fetch(connection, series, whole_to + 1, high, 1))
    return joined([part.merged(width) for part in parts])


def _aligned(cells: Mapping[str, Cells], names: Sequence[str], width: int) -> Curves:
    """Align the series to one list of bands: every band in which any of them has a value."""
    # A stable sort merges pieces that are already sorted; np.unique would take half a second for 200,000 steps.
    ends = [np.empty(0, np.int64), *((each.ends - 1) // width for each in cells.values())]
    ascending = np.sort(np.concatenate(ends), kind="stable")
    bands = ascending[np.flatnonzero(np.diff(ascending, prepend=-1))]
    steps, points = np.zeros(len(bands), np.int64), np.zeros(len(bands), np.int64)
    curves = {}
    for name in (*names, SECONDS):
        last, low, high = (np.full(len(bands), np.nan, np.float32) for _ in range(3))
        if name in cells:
            found = cells[name]
            at = np.searchsorted(bands, (found.ends - 1) // width)
            last[at], low[at], high[at] = found.last, found.low, found.high
            steps[at] = np.maximum(steps[at], found.ends)
            points[at] = np.maximum(points[at], found.points)
        curves[name] = Curve(last, low, high)
    return Curves(
        steps=steps,
        seconds=curves[SECONDS].last,
        series={name: curves[name] for name in names},
        points=int(points.sum()),
        width=width,
    )
