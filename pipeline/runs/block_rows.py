"""Blocks of metric values in the database: queries that find, read, extend and truncate them.

Each query is built once: building one takes SQLAlchemy longer than SQLite takes to run it, and these run several times
a second while a run is trained or watched.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Delete,
    Select,
    Table,
    Update,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)  # fmt: skip

from pipeline.runs import schema
from pipeline.runs.blocks import BLOCK, CELL, Cells, Float32Array, cells_from, columns_of, floats_from, split

_blocks = schema.metric_blocks


def cut_queries(blocks: Table) -> tuple[Delete, Update]:
    """For a table of blocks: delete those of a series that begin after a step, and rewrite one of them."""
    series, first_step = blocks.c.series, blocks.c.first_step
    return (
        delete(blocks).where(series == bindparam("of_series"), first_step > bindparam("after_step")),
        update(blocks).where(series == bindparam("of_series"), first_step == bindparam("of_first_step")),
    )


def _series_query() -> Select[Any]:
    series, other = schema.series, _blocks.alias()
    steps_of_series = select(func.min(other.c.first_step)).where(other.c.series == series.c.id)
    start = steps_of_series.scalar_subquery()
    last_start = steps_of_series.with_only_columns(func.max(other.c.first_step)).scalar_subquery()
    end = _blocks.c.first_step + _blocks.c.points - 1
    newest_block = (_blocks.c.series == series.c.id) & (_blocks.c.first_step == last_start)
    return (
        select(series.c.name, series.c.id, start, _blocks.c.first_step, end, _blocks.c.raw)
        .join_from(series, _blocks, newest_block, isouter=True)
        .where(series.c.run == bindparam("run"))
        .order_by(series.c.id)
    )


def _rows_query(*columns: Column[Any]) -> Select[Any]:
    # No block is longer than BLOCK steps, so a block that starts earlier cannot reach `low`.
    return (
        select(_blocks.c.first_step, _blocks.c.points, *columns)
        .where(_blocks.c.series == bindparam("series"))
        .where(_blocks.c.first_step.between(bindparam("low", type_=BigInteger) - BLOCK + 1, bindparam("high")))
        .where(_blocks.c.first_step + _blocks.c.points > bindparam("low"))
        .order_by(_blocks.c.first_step)
    )


_SERIES = _series_query()
_ROWS = {
    BLOCK: _rows_query(_blocks.c.low, _blocks.c.high, _blocks.c.last),
    CELL: _rows_query(_blocks.c.cells),
    1: _rows_query(_blocks.c.raw),
}
_DROP, _REWRITE = cut_queries(_blocks)


class Recorded(NamedTuple):
    """A series: its first and last step, and its last block (first_step, raw); None if nothing is recorded."""

    name: str
    series: int
    start: int | None
    first_step: int | None
    end: int | None
    raw: bytes | None


def find_series(connection: Connection, run: str) -> dict[str, Recorded]:
    """The run's series by name, in the order in which they were first recorded."""
    return {row[0]: Recorded(*row) for row in connection.execute(_SERIES, {"run": run})}


def extent(found: Iterable[Recorded]) -> tuple[int, int]:
    """First and last step recorded in any of these series; (1, 0) if there is none."""
    found = list(found)
    starts = [each.start for each in found if each.start is not None]
    return min(starts, default=1), max((each.end for each in found if each.end is not None), default=0)


def fetch(connection: Connection, series: int, low: int, high: int, resolution: int) -> Cells:
    """Steps low to high at 1, 64 or 4,096 steps per cell; low and high are aligned to the cells."""
    found = connection.execute(_ROWS[resolution], {"series": series, "low": low, "high": high}).all()
    first_steps, points, *columns = zip(*found, strict=True) if found else ((), (), ())
    if resolution == BLOCK:
        summaries = np.array(columns, np.float32).reshape(3, -1)
    elif resolution == CELL:
        summaries = floats_from(b"".join(columns[0])).reshape(-1, 3).T
    else:
        summaries = np.tile(floats_from(b"".join(columns[0])), (3, 1))
    cells = cells_from(first_steps, points, summaries, resolution)
    # The first and last block may extend beyond the range; cells are either inside or outside.
    return cells.between(low, high)


def add_series(connection: Connection, run: str, names: list[str]) -> None:
    """Create new, empty series."""
    connection.execute(insert(schema.series), [{"run": run, "name": name} for name in names])


def cut_after(connection: Connection, run: str, after_step: int) -> dict[str, Recorded]:
    """Delete everything recorded after a step and return what is left; a block that contains the step is truncated."""
    found = find_series(connection, run)
    longer = [each.series for each in found.values() if each.end is not None and each.end > after_step]
    if not longer:
        return found
    connection.execute(_DROP, [{"of_series": series, "after_step": after_step} for series in longer])
    rewritten = []
    for each in find_series(connection, run).values():
        if each.first_step is not None and each.raw is not None:
            remaining = floats_from(each.raw)[: after_step - each.first_step + 1]
            rewritten.append(_rewritten(each.series, each.first_step, remaining))
    if rewritten:
        connection.execute(_REWRITE, rewritten)
    return find_series(connection, run)


def extend(connection: Connection, first_step: int, values: Sequence[tuple[Recorded, Float32Array]]) -> None:
    """Append values to the recorded ones: open blocks are extended in place, further blocks are added."""
    rewritten, added = [], []
    for each, column in values:
        pieces = list(split(first_step, column))
        # A block is open while the next step belongs to it.
        if pieces and each.end == first_step - 1 and (first_step - 1) % BLOCK:
            assert each.first_step is not None and each.raw is not None
            whole = np.concatenate([floats_from(each.raw), pieces.pop(0)[1]])
            rewritten.append(_rewritten(each.series, each.first_step, whole))
        added += [{"series": each.series, "first_step": step, **columns_of(step, piece)} for step, piece in pieces]
    if rewritten:
        connection.execute(_REWRITE, rewritten)
    if added:
        connection.execute(insert(_blocks), added)


def _rewritten(series: int, first_step: int, values: Float32Array) -> dict[str, object]:
    """The parameters of `_REWRITE` that replace a block's values by these."""
    return {"of_series": series, "of_first_step": first_step, **columns_of(first_step, values)}
