"""Blocks of measurements in the database: queries that find, read, extend and truncate them.

Like those of `block_rows.py`, each query is built once.
"""

from collections.abc import Container, Mapping
from typing import NamedTuple

from sqlalchemy import BigInteger, Connection, bindparam, func, insert, select

from pipeline.runs import schema
from pipeline.runs.block_rows import cut_queries
from pipeline.runs.points import MOST, Points, columns_of, joined, points_from

_blocks, _series = schema.measurement_blocks, schema.series
_other = _blocks.alias()
_last_start = select(func.max(_other.c.first_step)).where(_other.c.series == _series.c.id).scalar_subquery()
_NEWEST = (
    select(_series.c.name, _series.c.id, _blocks.c.first_step, _blocks.c.last_step, _blocks.c.steps, _blocks.c.raw)
    .join_from(_series, _blocks, (_blocks.c.series == _series.c.id) & (_blocks.c.first_step == _last_start))
    .where(_series.c.run == bindparam("run"))
    .order_by(_series.c.id)
)
_before = (
    select(func.max(_other.c.first_step))
    .where(_other.c.series == bindparam("series"))
    .where(_other.c.first_step <= bindparam("low", type_=BigInteger))
    .scalar_subquery()
)
_POINTS = (
    select(_blocks.c.steps, _blocks.c.raw)
    .where(_blocks.c.series == bindparam("series"))
    .where(_blocks.c.first_step >= func.coalesce(_before, bindparam("low")))
    .where(_blocks.c.first_step <= bindparam("high"))
    .order_by(_blocks.c.first_step)
)
_DROP, _REWRITE = cut_queries(_blocks)


class NewestBlock(NamedTuple):
    """The last block of a measured series."""

    name: str
    series: int
    first_step: int
    last_step: int
    steps: bytes
    raw: bytes


def find_measured(connection: Connection, run: str) -> dict[str, NewestBlock]:
    """The run's series with measurements, by name, in the order in which they were first recorded."""
    return {row[0]: NewestBlock(*row) for row in connection.execute(_NEWEST, {"run": run})}


def fetch_points(connection: Connection, series: int, low: int, high: int) -> Points:
    """The points at steps low to high, and at least the latest one before `low`, if there is one."""
    found = connection.execute(_POINTS, {"series": series, "low": low, "high": high}).all()
    return joined([points_from(*row) for row in found]).between(0, high)


def cut_points_after(
    connection: Connection, run: str, after_step: int, names: Container[str] | None = None
) -> dict[str, NewestBlock]:
    """Delete every measurement after a step and return what is left, as `find_measured` does. names: of the series
    concerned; None for all."""
    found = find_measured(connection, run)
    longer = _longer(found, after_step, names)
    if not longer:
        return found
    connection.execute(_DROP, [{"of_series": each.series, "after_step": after_step} for each in longer])
    rewritten = [
        _rewritten(each.series, points_from(each.steps, each.raw).between(0, after_step))
        for each in _longer(find_measured(connection, run), after_step, names)
    ]
    if rewritten:
        connection.execute(_REWRITE, rewritten)
    return find_measured(connection, run)


def extend_points(connection: Connection, newest: Mapping[int, NewestBlock], added: Mapping[int, Points]) -> None:
    """Append points, by series, to the recorded ones, all of which are earlier. newest: the last blocks, by series."""
    rewritten, new = [], []
    for series, points in added.items():
        room = 0
        if series in newest:
            block = points_from(newest[series].steps, newest[series].raw)
            room = min(len(points.steps), MOST - len(block.steps))
            if room:
                rewritten.append(_rewritten(series, joined([block, points.part(0, room)])))
        starts = range(room, len(points.steps), MOST)
        new += [{"series": series, **columns_of(points.part(start, start + MOST))} for start in starts]
    if rewritten:
        connection.execute(_REWRITE, rewritten)
    if new:
        connection.execute(insert(_blocks), new)


def _longer(found: Mapping[str, NewestBlock], after_step: int, names: Container[str] | None) -> list[NewestBlock]:
    """The blocks that have a measurement after a step."""
    return [each for name, each in found.items() if each.last_step > after_step and (names is None or name in names)]


def _rewritten(series: int, points: Points) -> dict[str, object]:
    """The parameters of `_REWRITE` that replace a block's points by these."""
    columns = columns_of(points)
    return {"of_series": series, "of_first_step": columns.pop("first_step"), **columns}
