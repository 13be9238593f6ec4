"""Whether an engine works through the queue, and what keeps it: for a process that has no link to the engine."""

import psutil

from pipeline.runs import lock
from pipeline.runs.store import Store
from pipeline.runtime.address import Address, read_note
from pipeline.runtime.messages.snapshot import Snapshot

MOST_RUNS = 100
"""Newest paused runs that are looked at for the one that the engine has loaded."""


def engine_state(store: Store) -> Snapshot | None:
    """The state, the run and its name of the training engine of this home, from its files; None if no engine is up.

    It asks the engine nothing, so that a command that lists the queue never waits for one.
    """
    note = read_note(Address(store.home, "train").note)
    if note is None or not psutil.pid_exists(note.pid):
        return None
    for record in [*store.recorded_as("running"), *store.recorded_as("paused")[:MOST_RUNS]]:
        holder = lock.holder(store.files(record.id))
        if holder is not None and holder.pid == note.pid:
            running = record.state == "running"
            return Snapshot(engine="ready", state="running" if running else "paused", run=record.id, name=record.name)
    return Snapshot(engine="ready")
