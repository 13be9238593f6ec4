"""The worker's side of remote recording: what a transaction changes becomes a numbered file.

The changes are stored in the table `outbox` by the transaction that makes them, and written as a file when it has
ended. What was stored but not written, since the process was killed or the disk full, is written later: after the next
transaction, or when the database is next opened. A file may so be written twice; the home takes it in once.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    LargeBinary,
    MetaData,
    Table,
    Text,
    delete,
    insert,
    inspect,
    select,
    update,
)  # fmt: skip

from pipeline.errors.jobs import WorkerRecordsRunsOnly
from pipeline.runs.remote import numbered_file
from pipeline.runs.remote.changes import as_json, begin_noting, end_noting
from pipeline.runs.remote.job_folder import WORKER_DATABASE

_metadata = MetaData()
_outbox = Table(
    "outbox",
    _metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("changes", LargeBinary, nullable=False),
)
"""Changes that may not have been written as files yet."""
_origin = Table(
    "outbox_origin",
    _metadata,
    Column("origin", Text, nullable=False),
    Column("last", BigInteger, nullable=False, comment="number of the last file"),
)
"""One row."""


def make_outbox(connection: Connection, origin: str) -> None:
    """Make a database that of a worker, once it is opened again. origin: identifies it."""
    _metadata.create_all(connection)
    connection.execute(insert(_origin).values(origin=origin, last=0))


def find_outbox(connection: Connection, file: Path | None) -> "Outbox | None":
    """The outbox of a worker's database; None for other databases. file: of the database."""
    if file is None or file.name != WORKER_DATABASE or not inspect(connection).has_table(_origin.name):
        return None
    return Outbox(connection, file.parent / "outbox")


class Stored:
    """What a transaction stored, known to the outbox once it has ended. files: changes by number. written: numbers of
    files that were written before, whose changes it deleted."""

    def __init__(self) -> None:
        self.files: dict[int, bytes] = {}
        self.written: frozenset[int] = frozenset()


class Outbox:
    """The files of one worker's database; thread-safe, and several processes may each have one."""

    def __init__(self, connection: Connection, folder: Path) -> None:
        self._folder = folder
        self._origin = str(connection.execute(select(_origin.c.origin)).scalar_one())
        rows = connection.execute(select(_outbox.c.number, _outbox.c.changes)).all()
        self._unwritten: dict[int, bytes] = {row.number: row.changes for row in rows}
        self._written: set[int] = set()
        self._lock = threading.Lock()

    @contextmanager
    def noting(self, connection: Connection) -> Iterator[Stored]:
        """In a write transaction: store what is noted meanwhile. Raises WorkerRecordsRunsOnly if rows were changed of
        which the home would not hear."""
        stored = Stored()
        noted, before = begin_noting(connection), _changed_rows(connection)
        try:
            yield stored
        finally:
            end_noting(connection)
        if noted:
            self._store(connection, as_json(noted), stored)
        elif _changed_rows(connection) != before:
            raise WorkerRecordsRunsOnly

    def send(self, stored: Stored | None = None) -> None:
        """Write what is stored as files. stored: by a transaction that has ended. Raises CannotWrite; the rest is then
        written later."""
        with self._lock:
            if stored is not None:
                self._unwritten |= stored.files
                self._written -= stored.written
            for number in sorted(self._unwritten):
                numbered_file.write(self._folder, self._origin, number, self._unwritten[number])
                del self._unwritten[number]
                self._written.add(number)

    def _store(self, connection: Connection, changes: bytes, stored: Stored) -> None:
        next_number = update(_origin).values(last=_origin.c.last + 1).returning(_origin.c.last)
        number = int(connection.execute(next_number).scalar_one())
        connection.execute(insert(_outbox).values(number=number, changes=changes))
        # Only what this process has written itself: another one may be about to write its own.
        stored.written = frozenset(self._written)
        if stored.written:
            connection.execute(delete(_outbox).where(_outbox.c.number.in_(stored.written)))
        stored.files[number] = changes


def _changed_rows(connection: Connection) -> int:
    """Rows that this connection has changed since it was opened."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    return driver.total_changes
