"""Delete a run that was refused before its first step."""

import shutil

from sqlalchemy import delete, update

from pipeline.runs import schema
from pipeline.runs.store import Store, require_run


def discard(store: Store, run: str) -> None:
    """Delete a run that has trained no step, its events, and its files as far as possible.

    Raises UnknownRun, CannotWrite.
    """
    with store.database.writing() as connection:
        require_run(connection, run)
        connection.execute(delete(schema.events).where(schema.events.c.run == run))
        queue = schema.queue
        connection.execute(update(queue).where(queue.c.run == run).values(run=None))
        connection.execute(delete(schema.runs).where(schema.runs.c.id == run))
    shutil.rmtree(store.files(run).folder, ignore_errors=True)
