"""Measurements of a run: series that have a value at some steps only, such as the checkup of each sample grid.

A value stands at the step after which it was measured; step 0, or the step of the fork, is the state with which the run
began. `metrics.py` reads them as curves, with the latest value at every step.

Before version 0.4.0 a measurement was repeated in the rows of the steps after it, up to the next one. `from_rows` finds
the points in such rows, and `convert` replaces the rows by them.
"""

from collections.abc import Collection, Mapping
from math import isnan

import numpy as np
from sqlalchemy import Connection, delete

from pipeline.runs import metrics, schema
from pipeline.runs.block_rows import add_series, find_series
from pipeline.runs.blocks import Float32Array, Steps
from pipeline.runs.point_rows import cut_points_after, extend_points, fetch_points, find_measured
from pipeline.runs.points import Points
from pipeline.runs.remote.changes import Converted, Measured, note
from pipeline.runs.store import Store, require_run

_LAST = 2**62


def record(store: Store, run: str, step: int, values: Mapping[str, float]) -> None:
    """Record the values measured after `step`, as float32; measurements of later steps are deleted first, and those of
    these series at this step. What else was measured at this step stays.

    A series begins with its first number: NaN before it, as for something that the run does not have, is not recorded.
    Raises UnknownRun, CannotWrite.
    """
    with store.database.writing() as connection:
        require_run(connection, run)
        record_in(connection, run, step, values)


def record_in(connection: Connection, run: str, step: int, values: Mapping[str, float]) -> None:
    """As `record`, within a transaction, for a run that exists."""
    cut_points_after(connection, run, step)
    cut_points_after(connection, run, step - 1, values)
    known = _series_of(connection, run, [name for name, value in values.items() if not isnan(value)])
    new = {known[name]: _point(step, value) for name, value in values.items() if name in known}
    _extend(connection, run, new)
    note(connection, Measured(run, step, {name: float(value) for name, value in values.items()}))


def read(
    store: Store, run: str, names: Collection[str], first: int = 0, last: int = _LAST, *, held: bool = False
) -> dict[str, Points]:
    """The points of the named series at steps first to last, without series that have none at any step.

    held: read also the latest point before `first`, whose value holds there. Raises UnknownRun.
    """
    with store.database.reading() as connection:
        require_run(connection, run)
        return {
            name: (fetch_points(connection, each.series, first, last).since(first, held=held))
            for name, each in find_measured(connection, run).items()
            if name in names
        }


def latest(store: Store, run: str, names: Collection[str], step: int) -> tuple[int, dict[str, float]]:
    """The newest value of each named series at or before `step`, without series that have none, and the step of the
    newest of them, −1 if there is none. Raises UnknownRun."""
    with store.database.reading() as connection:
        require_run(connection, run)
        found = find_measured(connection, run)
        points = {name: fetch_points(connection, each.series, step, step) for name, each in found.items()}
    newest = {name: points[name] for name in names if name in points and len(points[name].steps)}
    at = max((int(each.steps[-1]) for each in newest.values()), default=-1)
    return at, {name: float(each.values[-1]) for name, each in newest.items()}


def steps_after(store: Store, run: str, names: Collection[str], step: int) -> Steps:
    """The steps after `step` at which any of the named series was measured, ascending. Raises UnknownRun."""
    found = [points.steps for points in read(store, run, names, step + 1).values()]
    return np.unique(np.concatenate([np.empty(0, np.int64), *found]))


def from_rows(store: Store, run: str, names: Collection[str]) -> dict[str, Points]:
    """The points of those named series whose values were repeated in the rows of later steps.

    A measurement is found where any of the series changes: it was made after the step before. Raises UnknownRun.
    """
    with store.database.reading() as connection:
        require_run(connection, run)
        found = find_series(connection, run)
    repeated = [name for name in names if name in found and found[name].start is not None]
    if not repeated:
        return {}
    columns = [metrics.names(store, run).index(name) for name in repeated]
    steps: list[Steps] = []
    values: list[Float32Array] = []
    before = np.full((1, len(repeated)), np.nan, np.float32)
    for at, rows in metrics.rows(store, run):
        measured = np.concatenate([before, rows[:, columns]])
        # Compared as bytes, NaN equals NaN.
        bits = measured.view(np.int32)
        new = (bits[1:] != bits[:-1]).any(axis=1)
        steps.append(at[new] - 1)
        values.append(measured[1:][new])
        before = measured[-1:]
    at, table = np.concatenate(steps), np.concatenate(values)
    return {
        name: Points(at[known], table[known, column])
        for column, name in enumerate(repeated)
        if (known := ~np.isnan(table[:, column])).any()
    }


def convert(store: Store, run: str, names: Collection[str]) -> None:
    """Replace the rows in which measurements of the named series were repeated. Raises UnknownRun, CannotWrite."""
    points = from_rows(store, run, names)
    if not points:
        return
    with store.database.writing() as connection:
        replace_rows(connection, run, names, points)


def replace_rows(connection: Connection, run: str, names: Collection[str], points: Mapping[str, Points]) -> None:
    """Replace all rows of the named series by points, within a transaction. points: by series."""
    found = find_series(connection, run)
    blocks = schema.metric_blocks
    rows = [found[name].series for name in names if name in found]
    connection.execute(delete(blocks).where(blocks.c.series.in_(rows)))
    _extend(connection, run, {found[name].series: each for name, each in points.items()})
    note(connection, Converted.of(run, names, points))


def _point(step: int, value: float) -> Points:
    return Points(np.array([step], np.int64), np.array([value], np.float32))


def _series_of(connection: Connection, run: str, wanted: Collection[str]) -> dict[str, int]:
    """The ids of the run's series by name, after adding the wanted ones that are missing."""
    found = find_series(connection, run)
    missing = [name for name in wanted if name not in found]
    if missing:
        add_series(connection, run, missing)
        found = find_series(connection, run)
    return {name: each.series for name, each in found.items()}


def _extend(connection: Connection, run: str, points: Mapping[int, Points]) -> None:
    newest = {each.series: each for each in find_measured(connection, run).values()}
    extend_points(connection, newest, points)
