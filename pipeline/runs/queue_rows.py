"""Rows of the table of the queue: what an entry is, and the queries and checks that share a transaction."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, Select, bindparam, func, or_, select, update

from pipeline.errors.queue import NotWaiting, UnknownEntry
from pipeline.runs.schema import queue, queue_hold, runs
from pipeline.runs.store import State

EntryState = Literal["waiting", "started", "refused", "cancelled"]


@dataclass(frozen=True)
class Entry:
    """An entry of the queue, without its workflow (`workflow_text`)."""

    id: str
    place: float
    """Entries start in ascending order."""
    name: str
    """That the run has or will have."""
    who: str
    """The user who added it; "" if unnamed."""
    created: float
    """Seconds since 1970."""
    not_before: float | None
    """Seconds since 1970; None: as soon as the device is free."""
    held: bool
    state: EntryState
    sweep: str
    """Name of the sweep that it belongs to, "" if none."""
    run: str | None
    """The run that it became; if it waits, the run that it resumes. None for neither."""
    error: str
    """Why it was refused, or why its run stopped; "" if it did not."""
    run_state: State | None = None
    """State of that run, as it is recorded."""
    run_step: int | None = None
    run_steps: int | None = None
    """The run's planned end."""
    run_error: str | None = None
    """Why the run failed."""

    @property
    def complete(self) -> bool:
        """Whether its run has reached its planned end, perhaps because a user resumed it while it waited."""
        return self.run_step is not None and self.run_steps is not None and self.run_step >= self.run_steps


@dataclass(frozen=True)
class Hold:
    """The queue as a whole is held. since: seconds since 1970. who: held it, "" if unnamed."""

    since: float
    who: str


def _entries_query() -> Select[Any]:
    # In the order of the fields of Entry.
    own = [queue.c[name] for name in Entry.__dataclass_fields__ if name in queue.c]
    names = {"run_state": "state", "run_step": "step", "run_steps": "total_steps", "run_error": "error"}
    of_run = [runs.c[name].label(field) for field, name in names.items()]
    return select(*own, *of_run).join_from(queue, runs, queue.c.run == runs.c.id, isouter=True)


_BY_PLACE = (queue.c.place, queue.c.id)
_ENTRIES = _entries_query()
ALL = _ENTRIES.order_by(*_BY_PLACE)
DUE = (
    select(queue.c.id)
    .where(queue.c.state == "waiting", ~queue.c.held)
    .where(or_(queue.c.not_before.is_(None), queue.c.not_before <= bindparam("now")))
    .where(~select(queue_hold.c.since).exists())
    .order_by(*_BY_PLACE)
    .limit(1)
)
"""The entry that may start next; `now` in seconds since 1970."""


def entry_in(connection: Connection, entry_id: str) -> Entry:
    """One entry. Raises UnknownEntry."""
    row = connection.execute(_ENTRIES.where(queue.c.id == entry_id)).one_or_none()
    if row is None:
        raise UnknownEntry(entry_id)
    return Entry(*row)


def hold_in(connection: Connection) -> Hold | None:
    """The hold of the queue as a whole, or None."""
    row = connection.execute(select(queue_hold)).first()
    return None if row is None else Hold(**row._mapping)


def waiting_in(connection: Connection, *, free: bool = False) -> dict[str, float]:
    """The places of the waiting entries by id, in their order. free: without those that are held."""
    query = select(queue.c.id, queue.c.place).where(queue.c.state == "waiting").order_by(*_BY_PLACE)
    rows = connection.execute(query.where(~queue.c.held) if free else query).all()
    return {row.id: row.place for row in rows}


def require_waiting(connection: Connection, ids: Collection[str]) -> None:
    """Check that each of these entries waits. Raises UnknownEntry, NotWaiting."""
    for entry_id in ids:
        found = entry_in(connection, entry_id)
        if found.state != "waiting":
            raise NotWaiting(entry_id, found.name, *_instead(found))


def front(connection: Connection) -> float:
    """A place before all entries."""
    return float(connection.execute(select(func.min(queue.c.place))).scalar() or 0.0) - 1.0


def end(connection: Connection) -> float:
    """A place after all entries."""
    return float(connection.execute(select(func.max(queue.c.place))).scalar() or 0.0) + 1.0


def mark_started(connection: Connection, entry_id: str) -> Entry | None:
    """Mark a waiting entry as started and return it; None if another process has done so in the meantime."""
    still = (queue.c.id == entry_id) & (queue.c.state == "waiting")
    marked = connection.execute(update(queue).where(still).values(state="started", held=False, error=""))
    return entry_in(connection, entry_id) if marked.rowcount else None


def new_id(taken: set[str]) -> str:
    """Eight hexadecimal digits, none of `taken`, to which they are added."""
    while (found := secrets.token_hex(4)) in taken:
        pass
    taken.add(found)
    return found


def _instead(entry: Entry) -> tuple[str, str]:
    """What an entry is that does not wait, as a clause, and what can be done with it, as a sentence."""
    if entry.state == "started" and entry.run_state == "running":
        return f"it is being trained as run {entry.run}", "Pause the run on the page Train."
    if entry.state == "started":
        return "it is being prepared" if entry.run is None else f"it became run {entry.run}", ""
    return f"it was {entry.state}", "Retry it to put it back at the front."
