"""Runs whose process has died without a word."""

import time
from contextlib import suppress

from sqlalchemy import select

from pipeline.errors.machine import CannotWrite
from pipeline.runs import lock, schema
from pipeline.runs.remote.taking_in import take_in
from pipeline.runs.store import Event, State, Store, change, insert_event


def mark_interrupted(store: Store) -> list[str]:
    """Mark the runs whose process died as interrupted, and return their ids.

    Such a run is recorded as running although no living process holds its lock, or as paused although a dead one does.
    A paused run whose lock was released stays paused. What workers on other machines have recorded is taken in first:
    a worker sends how its run ended before it lets go of the lock. Where that cannot be recorded now, as on a full
    disk, they are marked another time.
    """
    with suppress(CannotWrite):
        return _mark(store)
    return []


def _mark(store: Store) -> list[str]:
    runs = schema.runs
    open_runs = select(runs.c.id, runs.c.state, runs.c.step).where(runs.c.state.in_(["running", "paused"]))
    with store.database.reading() as connection:
        if not any(_abandoned(store, row.id, row.state) for row in connection.execute(open_runs).all()):
            return []
    take_in(store)
    interrupted = []
    # Check again under the write lock: an engine that resumes a run locks it first and records "running" afterwards.
    with store.database.writing() as connection:
        for row in connection.execute(open_runs).all():
            if _abandoned(store, row.id, row.state):
                change(connection, row.id, {"state": "interrupted"})
                text = "The process that trained this run ended unexpectedly."
                insert_event(connection, row.id, Event(row.step, time.time(), "interrupted", text, "", None))
                interrupted.append(row.id)
    return interrupted


def _abandoned(store: Store, run: str, state: State) -> bool:
    holder = lock.holder(store.files(run))
    return state == "running" if holder is None else not holder.alive
