"""Deletes runs: their rows in the database and their folders.

A run is deleted in an order that leaves none of it half, wherever the process is killed:

    1. a file `runs/.deleting-<id>` says that it is to be deleted
    2. its rows are deleted in one transaction: from here on it does not exist
    3. its folder is renamed to `runs/.removed-<id>`, and deleted; then the file of step 1

What a killed process left behind has no row and one of these two names; the next deletion clears it away. Forks of a
deleted run stay and keep the step at which they began; what they lose are the curves and grids before it.
"""

import os
import shutil
import socket
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from sqlalchemy import Connection, delete, select, update

from pipeline.errors.machine import CannotWrite
from pipeline.errors.runs import RunInUse
from pipeline.runs import lock, schema
from pipeline.runs.atomic_files import make_folder, os_errors_as_refusals, write_atomically
from pipeline.runs.bundles.importing import delete_forgotten
from pipeline.runs.edits import require_runs
from pipeline.runs.ids import is_run_id
from pipeline.runs.store import Store, require_run

MARK = ".deleting-"
REMOVED = ".removed-"
_YOUNG_SECONDS = 60.0
"""A mark younger than this may belong to a deletion that is about to begin in another process."""


def require_free(store: Store, runs: Sequence[str]) -> None:
    """Check that these runs exist and may be deleted. Raises UnknownRun, RunInUse if a living process holds one."""
    with store.database.reading() as connection:
        require_runs(connection, runs)
        for run in runs:
            _require_free(store, connection, run)


def delete_runs(store: Store, runs: Sequence[str]) -> int:
    """Delete runs, and return how many bytes their files had.

    Raises UnknownRun or RunInUse with nothing deleted; the same for a run that is deleted or resumed meanwhile, and
    CannotWrite, with those before deleted and that one either whole or gone.
    """
    clear_leftovers(store)
    require_free(store, runs)
    return sum(_delete(store, run, alone=not place) for place, run in enumerate(dict.fromkeys(runs)))


def clear_leftovers(store: Store) -> None:
    """Delete what killed deletions and killed imports left behind."""
    folder = store.home / "runs"
    delete_forgotten(folder)
    for removed in folder.glob(f"{REMOVED}*"):
        shutil.rmtree(removed, ignore_errors=True)
    for mark in folder.glob(f"{MARK}*"):
        run = mark.name.removeprefix(MARK)
        if not is_run_id(run):
            continue
        with store.database.reading() as connection:
            exists = connection.execute(select(schema.runs.c.id).where(schema.runs.c.id == run)).one_or_none()
        if exists is None:
            _remove_files(store, run)
            continue
        # Another process may clear them too.
        with suppress(FileNotFoundError):
            if time.time() - mark.stat().st_mtime > _YOUNG_SECONDS:
                mark.unlink()


def _delete(store: Store, run: str, *, alone: bool) -> int:
    """Delete a run, and return how many bytes its files had. alone: as for `RunInUse`."""
    size = store.files(run).disk_used()
    mark = _mark(store, run)
    make_folder(mark.parent)
    write_atomically(mark, b"")
    try:
        with store.database.writing() as connection:
            require_run(connection, run)
            # Under the write lock: a process that resumes the run takes its lock before it records anything.
            _require_free(store, connection, run, alone=alone)
            delete_rows(connection, run)
    except BaseException:
        mark.unlink(missing_ok=True)
        raise
    _remove_files(store, run)
    return size


def _require_free(store: Store, connection: Connection, run: str, *, alone: bool = True) -> None:
    """Raises RunInUse. alone: as for that."""
    holder = lock.holder(store.files(run))
    if holder is not None and holder.alive:
        name = connection.execute(select(schema.runs.c.name).where(schema.runs.c.id == run)).scalar_one()
        where = f"process {holder.pid} on {holder.host}"
        # A program that holds the run itself is not told to end itself.
        here = holder.pid == os.getpid() and holder.host == socket.gethostname()
        reason = (
            f"{where} (this one) has it loaded. Load or start another run first."
            if here
            else f"{where} has it loaded. Load another run there, or end that process."
        )
        raise RunInUse(run, name, reason, alone=alone)


def delete_rows(connection: Connection, run: str) -> None:
    """Delete all rows of a run, its places in the queue too; forks of it have no parent any more."""
    runs, tags, queue, events, series = schema.runs, schema.tags, schema.queue, schema.events, schema.series
    of_run = select(series.c.id).where(series.c.run == run)
    for blocks in (schema.metric_blocks, schema.measurement_blocks):
        connection.execute(delete(blocks).where(blocks.c.series.in_(of_run)))
    for table in (series, events, tags, queue):
        connection.execute(delete(table).where(table.c.run == run))
    connection.execute(update(runs).where(runs.c.parent == run).values(parent=None))
    connection.execute(delete(runs).where(runs.c.id == run))


def _remove_files(store: Store, run: str) -> None:
    """Delete the folder of a run that has no row. Raises CannotWrite."""
    folder, mark = store.files(run).folder, _mark(store, run)
    removed = folder.with_name(f"{REMOVED}{run}")
    with os_errors_as_refusals(folder):
        with suppress(FileNotFoundError):
            folder.rename(removed)
        shutil.rmtree(removed, ignore_errors=True)
        if removed.exists():
            raise CannotWrite(str(removed), "the run is deleted, but not all of its files", "Delete this folder")
        mark.unlink(missing_ok=True)


def _mark(store: Store, run: str) -> Path:
    return store.home / "runs" / f"{MARK}{run}"
