"""The queue: runs that wait for the device, and those that were started, refused or cancelled.

    entry = queue.take(store, time.time())   # the next one, marked as started in the same transaction
    queue.became(store, entry.id, run)       # or refuse, or let_go

`queue_changes.py` has what users change: they add, move, hold and cancel entries. Any process may change the queue at
any time: each function is one transaction. `queue_turn.py` decides which process may start the next entry. An entry
that waits and has a `run` is resumed from that run's last checkpoint.

All functions raise CannotWrite and DatabaseUnusable as the store does.
"""

from sqlalchemy import select, update

from pipeline.errors.queue import NothingWaits, PreparationLost, UnknownEntry
from pipeline.runs import lock, queue_rows
from pipeline.runs.queue_rows import Entry, Hold
from pipeline.runs.schema import queue
from pipeline.runs.store import Store

_UNPREPARED = (queue.c.state == "started") & queue.c.run.is_(None)


def entries(store: Store) -> list[Entry]:
    """All entries by place: in the usual case first what has ended, then what is being trained, then what waits."""
    with store.database.reading() as connection:
        return [Entry(*row) for row in connection.execute(queue_rows.ALL).all()]


def entry(store: Store, entry_id: str) -> Entry:
    """One entry. Raises UnknownEntry."""
    with store.database.reading() as connection:
        return queue_rows.entry_in(connection, entry_id)


def workflow_text(store: Store, entry_id: str) -> str:
    """The workflow document of an entry. Raises UnknownEntry."""
    with store.database.reading() as connection:
        found = connection.execute(select(queue.c.workflow_text).where(queue.c.id == entry_id)).scalar_one_or_none()
    if found is None:
        raise UnknownEntry(entry_id)
    return str(found)


def is_trained(store: Store, entry: Entry) -> bool:
    """Whether a living process trains the run of an entry: a run whose process was killed is still recorded as
    running. Raises CannotWrite."""
    if entry.run is None or entry.run_state != "running":
        return False
    holder = lock.holder(store.files(entry.run))
    return holder is not None and holder.alive


def hold_of(store: Store) -> Hold | None:
    """Since when and by whom the queue as a whole is held; None if it is not."""
    with store.database.reading() as connection:
        return queue_rows.hold_in(connection)


def due(store: Store, now: float) -> bool:
    """Whether `take` would find an entry. now: seconds since 1970."""
    with store.database.reading() as connection:
        return connection.execute(queue_rows.DUE, {"now": now}).first() is not None


def take(store: Store, now: float) -> Entry | None:
    """The first entry that may start, marked as started; None if there is none or the queue is held. Of two processes
    that call this at the same time, each gets another entry. now: seconds since 1970."""
    with store.database.writing() as connection:
        found = connection.execute(queue_rows.DUE, {"now": now}).scalar()
        return None if found is None else queue_rows.mark_started(connection, found)


def take_now(store: Store, entry_id: str = "") -> Entry:
    """As `take`, whatever its time and also if the queue as a whole is held: this entry, even if it is held itself, or
    else the first that is not. Raises UnknownEntry, NotWaiting, NothingWaits."""
    with store.database.writing() as connection:
        if entry_id:
            queue_rows.require_waiting(connection, [entry_id])
        found = entry_id or next(iter(queue_rows.waiting_in(connection, free=True)), "")
        taken = queue_rows.mark_started(connection, found) if found else None
        if taken is None:
            raise NothingWaits
        return taken


def became(store: Store, entry_id: str, run: str) -> None:
    """Record the run that a started entry became."""
    _set(store, entry_id, run=run)


def refuse(store: Store, entry_id: str, error: str, run: str | None = None) -> None:
    """Record why an entry that was taken did not start. run: the run that failed while it was prepared, if it was
    recorded; the entry then counts as started."""
    _set(store, entry_id, state="started" if run else "refused", run=run, error=error)


def let_go(store: Store, entry_id: str, held: str = "") -> None:
    """Undo a `take`: the entry waits again, at its place. held: why it is held from now on; "" if it is not."""
    _set(store, entry_id, state="waiting", held=bool(held), error=held)


def note_stop(store: Store, run: str, error: str) -> bool:
    """Record with the entry of a run why it stopped; return whether it has one."""
    of_run = (queue.c.run == run) & (queue.c.state == "started")
    with store.database.writing() as connection:
        return connection.execute(update(queue).where(of_run).values(error=error)).rowcount > 0


def put_back(store: Store, run: str) -> bool:
    """Put the entry that became this run back at the front, to be resumed; return whether there is one."""
    with store.database.writing() as connection:
        values = {"state": "waiting", "place": queue_rows.front(connection), "not_before": None, "error": ""}
        of_run = (queue.c.run == run) & (queue.c.state == "started")
        return connection.execute(update(queue).where(of_run).values(**values)).rowcount > 0


def unprepared(store: Store) -> bool:
    """Whether an entry counts as started but has no run yet: it is being prepared, or its process has died."""
    with store.database.reading() as connection:
        return connection.execute(select(queue.c.id).where(_UNPREPARED).limit(1)).first() is not None


def give_up_lost(store: Store) -> None:
    """Refuse the entries that are `unprepared`; for a process that knows that none is being prepared. They are not
    started again by themselves: what they needed may be what ended the process."""
    if unprepared(store):
        with store.database.writing() as connection:
            lost = update(queue).where(_UNPREPARED)
            connection.execute(lost.values(state="refused", error=str(PreparationLost())))


def _set(store: Store, entry_id: str, **values: str | bool | None) -> None:
    with store.database.writing() as connection:
        connection.execute(update(queue).where(queue.c.id == entry_id).values(**values))
