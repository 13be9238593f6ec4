"""The last, lowest and highest value of each series of many runs, in two queries however many runs there are.

Series that have a value at every step keep these in columns of their blocks. What is measured at some steps only is
stored as bytes, which are decoded here, all at once.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from math import isnan
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import ColumnElement, Connection, Select, func, select, true

from pipeline.runs import schema
from pipeline.runs.blocks import floats_from
from pipeline.runs.edits import parts
from pipeline.runs.run_filter import FigureKind, RunFilter
from pipeline.runs.store import Store
from pipeline.runs.text_order import by_characters

_series, _blocks, _points = schema.series, schema.metric_blocks, schema.measurement_blocks
# Every query gives the run, the name, and what was asked for. The newest block of a series has its last value.
_other = _blocks.alias()
_all_blocks = _other.c.series == _series.c.id
_START = select(func.max(_other.c.first_step)).where(_all_blocks).scalar_subquery()
_LOW = select(func.min(_other.c.low)).where(_all_blocks).scalar_subquery()
_HIGH = select(func.max(_other.c.high)).where(_all_blocks).scalar_subquery()
_LAST = select(_series.c.run, _series.c.name, _blocks.c.last).join_from(
    _series, _blocks, (_blocks.c.series == _series.c.id) & (_blocks.c.first_step == _START)
)
_EVERY_STEP = _LAST.add_columns(_LOW, _HIGH)
_blocks_of_series = select(_series.c.run, _series.c.name).join_from(_series, _blocks).group_by(_series.c.id)
_ONE_FIGURE: Mapping[FigureKind, Select[Any]] = {
    "last": _LAST,
    "low": _blocks_of_series.add_columns(func.min(_blocks.c.low)),
    "high": _blocks_of_series.add_columns(func.max(_blocks.c.high)),
}
_MEASURED = (
    select(_series.c.run, _series.c.name, _points.c.raw)
    .join_from(_series, _points, _points.c.series == _series.c.id)
    .order_by(_series.c.id, _points.c.first_step)
)


class Figures(NamedTuple):
    """Values of one series of one run. Each is None if there is none but NaN; last: also if the newest is NaN."""

    last: float | None
    low: float | None
    high: float | None

    def of(self, kind: FigureKind) -> float | None:
        return {"last": self.last, "low": self.low, "high": self.high}[kind]


def figures(store: Store, runs: Sequence[str], names: Collection[str] = ()) -> Mapping[str, Mapping[str, Figures]]:
    """The figures of these runs by run and name of the series; unknown runs, and series without values, are left out.

    names: only these series; all if there are none.
    """
    found: dict[str, dict[str, Figures]] = {run: {} for run in runs}
    with store.database.reading() as connection:
        for part in parts(runs):
            wanted = _series.c.run.in_(part)
            named = _series.c.name.in_(names) if names else true()
            for (run, name), each in _read(connection, wanted & named).items():
                found[run][name] = each
    return {run: each for run, each in found.items() if each}


def metric_names(store: Store, wanted: RunFilter) -> dict[str, int]:
    """The series of the runs that a filter finds, each with the number of these runs that have it; the most frequent
    first."""
    count = func.count()
    query = (
        select(_series.c.name, count)
        .where(_series.c.run.in_(select(schema.runs.c.id).where(wanted.condition)))
        .group_by(_series.c.name)
        .order_by(count.desc(), by_characters(_series.c.name))
    )
    with store.database.reading() as connection:
        return {row[0]: row[1] for row in connection.execute(query)}


def values(connection: Connection, name: str, kind: FigureKind) -> dict[str, float]:
    """One figure of the series `name` by run, of all runs that have one."""
    wanted = _series.c.name == name
    found = {run: value for run, _, value in connection.execute(_ONE_FIGURE[kind].where(wanted))}
    measured = _decoded(connection.execute(_MEASURED.where(wanted)))
    found |= {run: each.of(kind) for (run, _), each in measured.items()}
    return {run: value for run, value in found.items() if value is not None}


def _read(connection: Connection, wanted: ColumnElement[bool]) -> dict[tuple[str, str], Figures]:
    """The figures of the series that fulfil a condition, by run and name."""
    every_step = connection.execute(_EVERY_STEP.where(wanted))
    found = {(run, name): Figures(last, low, high) for run, name, last, low, high in every_step}
    return found | _decoded(connection.execute(_MEASURED.where(wanted)))


def _decoded(rows: Iterable[Any]) -> dict[tuple[str, str], Figures]:
    """The figures of measured series. rows: (run, name, values) of each block, those of a series one after another."""
    parts: dict[tuple[str, str], list[bytes]] = {}
    for run, name, raw in rows:
        parts.setdefault((run, name), []).append(raw)
    whole = [b"".join(each) for each in parts.values()]
    if not whole:
        return {}
    points = floats_from(b"".join(whole))
    ends = np.cumsum([len(each) // 4 for each in whole])
    starts = np.concatenate([[0], ends[:-1]])
    # fmin and fmax pass over NaN.
    low, high = np.fmin.reduceat(points, starts), np.fmax.reduceat(points, starts)
    columns = (map(_known, each.tolist()) for each in (points[ends - 1], low, high))
    return {key: Figures(*each) for key, each in zip(parts, zip(*columns, strict=True), strict=True)}


def _known(value: float) -> float | None:
    return None if isnan(value) else value
