"""Finds runs: by words, state, template, data, tags and user, in any order, a page at a time.

    found = search(store, RunFilter(words=("dcgan",)), Order.parse("-sliced_distance:low"), limit=50)
    found.records, found.total

`figures.py` has the numbers to show beside them.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, func, select

from pipeline.errors.runs import UnknownRun
from pipeline.runs import figures, schema
from pipeline.runs.edits import parts
from pipeline.runs.run_filter import Order, RunFilter
from pipeline.runs.store import RunRecord, Store

NOT_ARCHIVED = RunFilter()
EVERY_RUN = RunFilter(archived=None)
NEWEST_FIRST = Order()


@dataclass(frozen=True)
class Found:
    """A page of the runs that a search found. total: how many it found. tags: those of each of `records`, by run."""

    records: tuple[RunRecord, ...]
    total: int
    tags: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Choices:
    """What the runs of a home can be filtered by, each with the number of runs that have it, the most frequent first.
    Empty names, of runs that recorded none, are left out. archived: number of archived runs. total: of all."""

    states: Mapping[str, int]
    templates: Mapping[str, int]
    images: Mapping[str, int]
    who: Mapping[str, int]
    tags: Mapping[str, int]
    archived: int
    total: int


def search(
    store: Store,
    wanted: RunFilter = NOT_ARCHIVED,
    order: Order = NEWEST_FIRST,
    limit: int = 50,
    offset: int = 0,
) -> Found:
    """The runs that a filter finds, from place `offset` on, at most `limit` of them."""
    runs = schema.runs
    with store.database.reading() as connection:
        # Ids alone are sorted faster than whole records.
        ids = select(runs.c.id).where(wanted.condition).order_by(*order.columns)
        if order.by_metric:
            everyone = connection.execute(ids).scalars().all()
            total = len(everyone)
            page = _by_metric(connection, everyone, order)[offset : offset + limit]
        else:
            total = connection.execute(select(func.count()).select_from(runs).where(wanted.condition)).scalar_one()
            page = list(connection.execute(ids.limit(limit).offset(offset)).scalars())
        queries = (select(runs).where(runs.c.id.in_(part)) for part in parts(page))
        records = {row.id: RunRecord(**row._mapping) for query in queries for row in connection.execute(query)}
        return Found(tuple(records[run] for run in page if run in records), total, _tags(connection, page))


def choices(store: Store) -> Choices:
    """What all runs can be filtered by, archived ones included."""
    runs, tags = schema.runs, schema.tags
    columns = (runs.c.state, runs.c.template, runs.c.images, runs.c.who, runs.c.archived)
    with store.database.reading() as connection:
        groups = connection.execute(select(*columns, func.count()).group_by(*columns)).all()
        tagged = connection.execute(select(tags.c.tag, func.count()).group_by(tags.c.tag)).all()
    counts: list[Counter[str]] = [Counter() for _ in columns]
    for *values, number in groups:
        for counter, value in zip(counts, values, strict=True):
            counter[str(value)] += number
    state, template, images, who, archived = counts
    return Choices(
        states=_frequent(state),
        templates=_frequent(template),
        images=_frequent(images),
        who=_frequent(who),
        tags=_frequent(Counter({row[0]: row[1] for row in tagged})),
        archived=archived[str(True)],
        total=state.total(),
    )


def tags_of(store: Store, runs: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The tags of these runs, in alphabetical order; runs without any are left out."""
    with store.database.reading() as connection:
        return _tags(connection, runs)


def parent_of(store: Store, record: RunRecord) -> RunRecord | None:
    """The run that this one was forked from; None if it is no fork, or if its parent was deleted, perhaps just now."""
    try:
        return None if record.parent is None else store.run(record.parent)
    except UnknownRun:
        return None


def forks_of(store: Store, runs: Sequence[str]) -> list[RunRecord]:
    """The runs that were forked from any of these, oldest first."""
    table = schema.runs
    with store.database.reading() as connection:
        queries = (select(table).where(table.c.parent.in_(part)) for part in parts(runs))
        found = [RunRecord(**row._mapping) for query in queries for row in connection.execute(query)]
    return sorted(found, key=lambda record: record.id)


def _by_metric(connection: Connection, found: Sequence[str], order: Order) -> list[str]:
    """These runs by a figure of a metric: the database cannot order by what has to be decoded."""
    known = figures.values(connection, order.key, order.of)
    # Sorting keeps the order of equals, reversed too.
    ordered = sorted((run for run in found if run in known), key=known.__getitem__, reverse=order.descending)
    return [*ordered, *(run for run in found if run not in known)]


def _tags(connection: Connection, runs: Sequence[str]) -> dict[str, tuple[str, ...]]:
    tags = schema.tags
    found: dict[str, list[str]] = {}
    for part in parts(runs):
        for run, tag in connection.execute(select(tags).where(tags.c.run.in_(part))):
            found.setdefault(run, []).append(tag)
    return {run: tuple(sorted(each)) for run, each in found.items()}


def _frequent(counter: Counter[str]) -> dict[str, int]:
    ordered = sorted(counter.items(), key=lambda each: (-each[1], each[0]))
    return {name: number for name, number in ordered if name}
