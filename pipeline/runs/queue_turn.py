"""Which process may start the next run of the queue, and when: one at a time, while no run is trained on this machine.

    with turn(store) as entry:
        if entry is not None:
            ...  # prepare its run and record it as running

A file in the home is locked (flock) for the time in which a process prepares an entry; the system releases the lock of
a process that dies. So an entry that counts as started without a run, while nobody holds the lock, was lost.
"""

import fcntl
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.errors.queue import QueueBusy
from pipeline.runs import lock, queue
from pipeline.runs.atomic_files import os_errors_as_refusals
from pipeline.runs.queue_rows import Entry
from pipeline.runs.store import RunRecord, Store


def trained_elsewhere(store: Store) -> RunRecord | None:
    """A run that another process on this machine is training, such as `train` in a terminal; None if there is none."""
    for record in store.recorded_as("running"):
        holder = lock.holder(store.files(record.id))
        if holder and holder.pid != os.getpid() and holder.host == socket.gethostname() and holder.alive:
            return record
    return None


def find_lost(store: Store) -> None:
    """Refuse the entries whose process ended while it prepared the run, unless a process prepares one now. Raises
    CannotWrite."""
    if queue.unprepared(store):
        with _alone(store.home) as alone:
            if alone:
                queue.give_up_lost(store)


@contextmanager
def turn(store: Store) -> Iterator[Entry | None]:
    """Take the next entry of the queue if one is due and no other process on this machine trains or prepares a run.

    No other process takes one until the context ends. The caller must not be training itself. Raises CannotWrite.
    """
    with _alone(store.home) as alone:
        if alone:
            queue.give_up_lost(store)
        yield queue.take(store, time.time()) if alone and trained_elsewhere(store) is None else None


@contextmanager
def turn_now(store: Store, entry_id: str = "") -> Iterator[Entry]:
    """As `turn`, for a user who wants this entry, or the first, to start now: see `queue.take_now`.

    Raises QueueBusy if another process is preparing a run, UnknownEntry, NotWaiting, NothingWaits, CannotWrite.
    """
    with _alone(store.home) as alone:
        if not alone:
            raise QueueBusy
        queue.give_up_lost(store)
        yield queue.take_now(store, entry_id)


@contextmanager
def _alone(home: Path) -> Iterator[bool]:
    """Whether this process has the lock, which it then holds until the context ends."""
    path = home / "queue.lock"
    with os_errors_as_refusals(path):
        file = path.open("a")
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
            return
        yield True
