"""The rows of a run in the database, as entries of a bundle: record, tags, events, series with their values.

Values are the float32 numbers themselves, little-endian; summaries are computed again on import, so that a bundle
cannot hold wrong ones.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from itertools import islice, pairwise
from math import isfinite
from typing import Annotated, Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from sqlalchemy import Connection, Table, insert, select

from pipeline.runs import schema
from pipeline.runs.block_rows import add_series, find_series
from pipeline.runs.blocks import BLOCK, floats_from
from pipeline.runs.bundles import manifest
from pipeline.runs.bundles.archive import Bundle, BundleWriter
from pipeline.runs.bundles.manifest import entry_of_run
from pipeline.runs.edits import LONGEST_NOTE
from pipeline.runs.ids import is_run_id
from pipeline.runs.points import MOST, Points
from pipeline.runs.points import columns_of as columns_of_points
from pipeline.runs.store import Event, RunRecord

_ROWS_AT_ONCE = 256
_LONGEST = 1_000
"""Characters of a name; those of workflows, after which runs are called, may be longer than a user may give a run."""
_Step = Annotated[int, Field(ge=0, lt=2**53)]
_Seconds = Annotated[float, Field(ge=0, lt=manifest.LATEST)]


class BundledSeries(BaseModel):
    """A series. blocks: first step and number of values of each block of `values.f32`. points: number of measurements
    in `points.bin`, all of whose steps come before their values."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=100)]
    blocks: tuple[tuple[_Step, Annotated[int, Field(ge=1, le=BLOCK)]], ...]
    points: _Step


class BundledEvent(BaseModel):
    """An event; its kind may be one that only a newer program knows."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")

    step: _Step
    time: _Seconds
    kind: Annotated[str, Field(max_length=32)]
    text: str
    who: str
    data: dict[str, Any] | None


@dataclass(frozen=True)
class RunTables:
    """All rows of a run but its values."""

    record: RunRecord
    tags: tuple[str, ...]
    events: tuple[BundledEvent, ...]
    series: tuple[BundledSeries, ...]


_EVENTS = TypeAdapter(tuple[BundledEvent, ...])
_SERIES = TypeAdapter(tuple[BundledSeries, ...])
_RECORD = TypeAdapter(RunRecord)
_TAGS = TypeAdapter(tuple[Annotated[str, Field(max_length=60)], ...])


def write(connection: Connection, record: RunRecord, out: BundleWriter) -> None:
    """Write the rows of a run, as one transaction sees them."""
    run, tags, events = record.id, schema.tags, schema.events
    found_tags = sorted(connection.execute(select(tags.c.tag).where(tags.c.run == run)).scalars())
    out.add(entry_of_run(run, manifest.RECORD), _json({"record": asdict(record), "tags": found_tags}))
    columns = [events.c[name] for name in Event.__dataclass_fields__]
    rows = connection.execute(select(*columns).where(events.c.run == run).order_by(events.c.id))
    out.add(entry_of_run(run, manifest.EVENTS), _json([dict(row._mapping) for row in rows]))
    names = {each.series: name for name, each in find_series(connection, run).items()}
    blocks: dict[int, list[tuple[int, int]]] = {}
    with out.entry(entry_of_run(run, manifest.VALUES)) as entry:
        for series in names:
            blocks[series] = []
            for first_step, count, raw in _blocks(connection, series):
                blocks[series].append((first_step, count))
                entry.write(raw)
    points: dict[int, int] = {}
    with out.entry(entry_of_run(run, manifest.POINTS)) as entry:
        for series in names:
            steps, values = _points(connection, series)
            points[series] = len(values) // 4
            entry.write(steps + values)
    found = [{"name": names[each], "blocks": blocks[each], "points": points[each]} for each in names]
    out.add(entry_of_run(run, manifest.SERIES), _json(found))


def read(bundle: Bundle, run: str) -> RunTables:
    """The rows of a run in a bundle, checked. Raises DamagedBundle."""
    facts = bundle.json(entry_of_run(run, manifest.RECORD))
    try:
        unknown = set(facts["record"]) - {each.name for each in fields(RunRecord)}
        record = _RECORD.validate_json(_json(facts["record"]), strict=True)
        tags = _TAGS.validate_json(_json(facts["tags"]), strict=True)
        events = _EVENTS.validate_json(_json(bundle.json(entry_of_run(run, manifest.EVENTS))), strict=True)
        series = _SERIES.validate_json(_json(bundle.json(entry_of_run(run, manifest.SERIES))), strict=True)
    except (ValidationError, LookupError, TypeError, ValueError) as error:
        raise bundle.damaged(f"the rows of run {run} cannot be read ({_first_line(error)})") from None
    fits = record.id == run and (record.parent is None or is_run_id(record.parent))
    if unknown or not fits or not _storable(record):
        raise bundle.damaged(f"the record of run {run} does not fit it")
    sizes = {name: bundle.entries[entry_of_run(run, name)].size for name in (manifest.VALUES, manifest.POINTS)}
    if not _sound(series, sizes):
        raise bundle.damaged(f"the series of run {run} do not fit their values")
    return RunTables(record, tags, events, series)


def insert_run(connection: Connection, tables: RunTables, record: RunRecord) -> dict[str, int]:
    """Add the rows of a run to the database, but no values, and return the ids of its series by name. record: as it is
    to be here."""
    run = record.id
    connection.execute(insert(schema.runs).values(vars(record)))
    if tables.tags:
        connection.execute(insert(schema.tags), [{"run": run, "tag": tag} for tag in dict.fromkeys(tables.tags)])
    if tables.events:
        connection.execute(insert(schema.events), [{"run": run, **event.model_dump()} for event in tables.events])
    if tables.series:
        add_series(connection, run, [each.name for each in tables.series])
    return {name: each.series for name, each in find_series(connection, run).items()}


def insert_all(connection: Connection, table: Table, rows: Iterator[dict[str, Any]]) -> None:
    """Add rows, some at a time."""
    while some := list(islice(rows, _ROWS_AT_ONCE)):
        connection.execute(insert(table), some)


def point_rows(bundle: Bundle, tables: RunTables, ids: Mapping[str, int]) -> Iterator[dict[str, Any]]:
    """The rows of `schema.measurement_blocks` of a run. ids: of the series in the database, by name. Raises
    DamagedBundle."""
    with bundle.open(entry_of_run(tables.record.id, manifest.POINTS)) as file:
        for each in tables.series:
            steps = np.frombuffer(file.read(8 * each.points), "<i8").astype(np.int64, copy=False)
            points = Points(steps, floats_from(file.read(4 * each.points)))
            if (np.diff(steps) <= 0).any() or (steps < 0).any():
                raise bundle.damaged(f"the measurements of {each.name} are not in order")
            for start in range(0, each.points, MOST):
                yield {"series": ids[each.name], **columns_of_points(points.part(start, start + MOST))}


def _blocks(connection: Connection, series: int) -> Iterator[tuple[int, int, bytes]]:
    blocks = schema.metric_blocks
    query = select(blocks.c.first_step, blocks.c.points, blocks.c.raw).where(blocks.c.series == series)
    for row in connection.execute(query.order_by(blocks.c.first_step).execution_options(yield_per=_ROWS_AT_ONCE)):
        yield row[0], row[1], row[2]


def _points(connection: Connection, series: int) -> tuple[bytes, bytes]:
    blocks = schema.measurement_blocks
    query = select(blocks.c.steps, blocks.c.raw).where(blocks.c.series == series).order_by(blocks.c.first_step)
    rows = connection.execute(query).all()
    return b"".join(row[0] for row in rows), b"".join(row[1] for row in rows)


def _sound(series: tuple[BundledSeries, ...], sizes: dict[str, int]) -> bool:
    """Whether the series have different names, their blocks are in order and within the blocks of the database, and the
    values are as many as their entries hold. sizes: of those, in bytes."""
    if len({each.name for each in series}) != len(series):
        return False
    for each in series:
        if any(first < 1 or (first - 1) // BLOCK != (first + count - 2) // BLOCK for first, count in each.blocks):
            return False
        if any(first + count > following for (first, count), (following, _) in pairwise(each.blocks)):
            return False
    values, points = sum(count for each in series for _, count in each.blocks), sum(each.points for each in series)
    return sizes == {manifest.VALUES: 4 * values, manifest.POINTS: 12 * points}


def _storable(record: RunRecord) -> bool:
    """Whether the numbers fit into the columns of the database, the times can be written as dates, and tables can show
    the rest."""
    whole = [each for each in vars(record).values() if isinstance(each, int)]
    # Columns of 32 bits, where the database has such.
    short = (record.batch_size, record.train_images, record.threads or 1, record.processes)
    times = (record.created, record.updated, record.seconds)
    return (
        record.step >= 0
        and all(abs(each) < 2**63 for each in whole)
        and all(abs(each) < 2**31 for each in short)
        and all(0 <= each < manifest.LATEST for each in times)
        and isfinite(record.images_per_second)
        and max(map(len, (record.name, record.template, record.who))) <= _LONGEST
        and len(record.note) <= LONGEST_NOTE
    )


def _json(content: object) -> bytes:
    return json.dumps(content, indent=1).encode()


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)[:200]
