"""Delete a run that was refused before its first step."""

import shutil

from sqlalchemy import update

from pipeline.runs import schema
from pipeline.runs.deletion import delete_rows
from pipeline.runs.remote.changes import Discarded, note
from pipeline.runs.store import Store, require_run


def discard(store: Store, run: str) -> None:
    """Delete a run that has trained no step, and its files as far as possible. Its place in the queue stays.

    Raises UnknownRun, CannotWrite.
    """
    queue = schema.queue
    with store.database.writing() as connection:
        require_run(connection, run)
        connection.execute(update(queue).where(queue.c.run == run).values(run=None))
        delete_rows(connection, run)
        note(connection, Discarded(run))
    shutil.rmtree(store.files(run).folder, ignore_errors=True)
