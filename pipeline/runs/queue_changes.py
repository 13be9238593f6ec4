"""What users change in the queue: they add, move, hold, release, cancel, retry and clear entries.

Each function is one transaction: it changes all that it names or, if it raises, nothing.
"""

import time
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, and_, bindparam, delete, func, insert, or_, select, update

from pipeline.errors.queue import NotPutBack, UnknownSweep
from pipeline.runs import queue_rows
from pipeline.runs.queue import is_trained
from pipeline.runs.queue_order import Target, moved, moved_before
from pipeline.runs.queue_rows import Entry
from pipeline.runs.schema import queue, queue_hold, runs
from pipeline.runs.store import Store


@dataclass(frozen=True)
class Waiting:
    """A run to add. name: of the run. workflow_text: its workflow document."""

    name: str
    workflow_text: str


def add(
    store: Store,
    new: Iterable[Waiting],
    who: str,
    *,
    not_before: float | None = None,
    sweep: str = "",
    first: bool = False,
) -> list[str]:
    """Add runs at the end of the queue, or before all others if `first`; return their ids, in their order.

    not_before: seconds since 1970; None to start as soon as the device is free. sweep: name of a sweep, to which a
    number is added if the queue has it already.
    """
    new, now = list(new), time.time()
    with store.database.writing() as connection:
        taken = set(connection.execute(select(queue.c.id)).scalars())
        ids = [queue_rows.new_id(taken) for _ in new]
        begin = queue_rows.front(connection) - len(new) + 1 if first else queue_rows.end(connection)
        same = {"who": who, "created": now, "not_before": not_before, "state": "waiting"}
        same |= {"sweep": _free_name(connection, sweep) if sweep else ""}
        rows = [
            {"id": entry_id, "place": begin + number, "name": each.name, "workflow_text": each.workflow_text, **same}
            for number, (entry_id, each) in enumerate(zip(ids, new, strict=True))
        ]
        if rows:
            connection.execute(insert(queue), rows)
    return ids


def move(store: Store, entry_id: str, target: Target) -> None:
    """Move a waiting entry among those that wait. Raises UnknownEntry, NotWaiting."""
    with store.database.writing() as connection:
        queue_rows.require_waiting(connection, [entry_id])
        waiting = queue_rows.waiting_in(connection)
        _arrange(connection, waiting, moved(list(waiting), entry_id, target))


def move_before(store: Store, entry_id: str, other_id: str) -> None:
    """Move a waiting entry to the place before another one. Raises UnknownEntry, NotWaiting."""
    with store.database.writing() as connection:
        queue_rows.require_waiting(connection, [entry_id, other_id])
        waiting = queue_rows.waiting_in(connection)
        _arrange(connection, waiting, moved_before(list(waiting), entry_id, other_id))


def hold(store: Store, ids: Collection[str]) -> None:
    """Hold waiting entries: others pass them. Raises UnknownEntry, NotWaiting."""
    _set_waiting(store, ids, held=True)


def release(store: Store, ids: Collection[str]) -> None:
    """Release held entries. Raises UnknownEntry, NotWaiting."""
    _set_waiting(store, ids, held=False, error="")


def hold_all(store: Store, who: str) -> None:
    """Hold the queue as a whole: it starts nothing, not even what is added later, until `release_all`."""
    with store.database.writing() as connection:
        if queue_rows.hold_in(connection) is None:
            connection.execute(insert(queue_hold).values(since=time.time(), who=who))


def release_all(store: Store) -> int:
    """End the hold of the queue as a whole; return how many entries are still held by themselves."""
    with store.database.writing() as connection:
        connection.execute(delete(queue_hold))
        held = select(func.count()).select_from(queue).where(queue.c.state == "waiting", queue.c.held)
        return int(connection.execute(held).scalar_one())


def cancel(store: Store, ids: Collection[str]) -> None:
    """Cancel waiting entries. Raises UnknownEntry, NotWaiting."""
    _set_waiting(store, ids, state="cancelled", held=False, error="")


def cancel_sweep(store: Store, sweep: str) -> int:
    """Cancel all waiting entries of a sweep; return how many. Raises UnknownSweep if none waits."""
    of_sweep = (queue.c.sweep == sweep) & (queue.c.sweep != "") & (queue.c.state == "waiting")
    with store.database.writing() as connection:
        cancelled = connection.execute(update(queue).where(of_sweep).values(state="cancelled", held=False, error=""))
        if not cancelled.rowcount:
            raise UnknownSweep(sweep)
        return cancelled.rowcount


def retry(store: Store, entry_id: str) -> Entry:
    """Put an entry that was refused or cancelled, or whose run stopped, back at the front; return it.

    A run that has a checkpoint is resumed from it, any other is started as a new one. Raises UnknownEntry, and
    NotPutBack if the entry waits, or its run is being trained or has finished.
    """
    with store.database.writing() as connection:
        found = queue_rows.entry_in(connection, entry_id)
        if why := _why_not_again(store, found):
            raise NotPutBack(entry_id, found.name, why)
        resumes = found.run is not None and bool(store.files(found.run).checkpoints())
        values = {"state": "waiting", "held": False, "not_before": None, "error": ""}
        values |= {"place": queue_rows.front(connection), "run": found.run if resumes else None}
        connection.execute(update(queue).where(queue.c.id == entry_id).values(**values))
        return queue_rows.entry_in(connection, entry_id)


def clear(store: Store) -> int:
    """Delete the entries that were cancelled or refused, or whose run has finished or failed; return how many. The runs
    stay."""
    ended = select(runs.c.id).where(runs.c.state.in_(["finished", "failed"]))
    over = or_(queue.c.state.in_(["cancelled", "refused"]), and_(queue.c.state == "started", queue.c.run.in_(ended)))
    with store.database.writing() as connection:
        return connection.execute(delete(queue).where(over)).rowcount


def _why_not_again(store: Store, entry: Entry) -> str:
    """Why an entry cannot be put back, as a clause; "" if it can."""
    if entry.state == "waiting":
        return "it waits already"
    if entry.state != "started":
        return ""
    if entry.run is None:
        return "it is being prepared"
    if is_trained(store, entry):
        return f"run {entry.run} is being trained"
    return f"run {entry.run} has finished" if entry.run_state == "finished" else ""


def _arrange(connection: Connection, waiting: dict[str, float], order: Sequence[str]) -> None:
    """Give the places of the waiting entries to them in another order."""
    changed = [
        {"of_id": entry_id, "new_place": place}
        for entry_id, place in zip(order, sorted(waiting.values()), strict=True)
        if waiting[entry_id] != place
    ]
    if changed:
        query = update(queue).where(queue.c.id == bindparam("of_id")).values(place=bindparam("new_place"))
        connection.execute(query, changed)


def _set_waiting(store: Store, ids: Collection[str], **values: str | bool) -> None:
    with store.database.writing() as connection:
        queue_rows.require_waiting(connection, ids)
        connection.execute(update(queue).where(queue.c.id.in_(ids)).values(**values))


def _free_name(connection: Connection, sweep: str) -> str:
    """The name of a sweep, with the first number from 2 on that makes it new if the queue has it already."""
    taken = set(connection.execute(select(queue.c.sweep).distinct()).scalars())
    name, number = sweep, 1
    while name in taken:
        number += 1
        name = f"{sweep} {number}"
    return name
