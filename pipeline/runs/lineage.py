"""Which run was forked from which: the families of runs as trees."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import or_, select

from pipeline.runs import schema
from pipeline.runs.store import State, Store


@dataclass(frozen=True)
class Relative:
    """A run in its family. depth: 0 for the root, 1 for its forks, and so on. parent_step: the step at which it was
    forked, None if it was not; with `parent` None, its parent was deleted. changed: what was changed there."""

    id: str
    name: str
    state: State
    step: int
    parent: str | None
    parent_step: int | None
    changed: str
    archived: bool
    depth: int = 0


def families(store: Store, run: str = "") -> list[Relative]:
    """The runs that are forks or were forked, each before its forks, siblings from old to new; the newest family first.

    run: only this run and what was forked from it, directly or not, even if that is nothing. Raises UnknownRun.
    """
    table = schema.runs
    columns = [table.c[name] for name in Relative.__dataclass_fields__ if name != "depth"]
    parents = select(table.c.parent).where(table.c.parent.is_not(None))
    related = or_(table.c.parent_step.is_not(None), table.c.id.in_(parents), table.c.id == run)
    if run:
        store.run(run)
    with store.database.reading() as connection:
        rows = connection.execute(select(*columns).where(related).order_by(table.c.id)).all()
    found = {row.id: Relative(**row._mapping) for row in rows}
    forks: dict[str, list[Relative]] = {}
    for each in found.values():
        forks.setdefault(each.parent or "", []).append(each)
    roots = [found[run]] if run else forks.get("", [])
    return list(_walk(roots, forks))


def _walk(roots: list[Relative], forks: dict[str, list[Relative]]) -> Iterator[Relative]:
    # Without recursion, since a chain of forks may be long.
    waiting = [(root, 0) for root in roots]
    while waiting:
        each, depth = waiting.pop()
        yield Relative(**{**vars(each), "depth": depth})
        waiting += [(fork, depth + 1) for fork in reversed(forks.get(each.id, []))]
