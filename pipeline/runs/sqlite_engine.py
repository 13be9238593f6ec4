"""The SQLite side of `database.py`: connections, their settings, and what its errors mean.

SQLite runs in WAL mode, in which readers and the one writer do not block each other. A read transaction sees one state
of the database from its first query to its last. A write transaction takes the write lock at its start (BEGIN
IMMEDIATE): if it read first and asked for the lock later, it could be refused at once instead of waiting.
"""

import sqlite3
import time
from contextlib import closing
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

WRITES = "genscope_writes"
DURABLE = "genscope_durable"
"""Execution options of a connection: whether its transaction writes, and whether that has to outlast a power cut."""

_ROOM = "Free some space or set GENSCOPE_HOME to another folder"
RIGHTS = "Make it and its folder writable for this user, or set GENSCOPE_HOME to another folder"
_LOCAL = "Set GENSCOPE_HOME to a folder on a disk of this machine, or GENSCOPE_DATABASE_URL to a Postgres database"
_BACKUP = "Put back a backup, or set GENSCOPE_HOME to another folder"
_TROUBLE = {
    sqlite3.SQLITE_FULL: ("the disk is full", _ROOM),
    sqlite3.SQLITE_READONLY: ("it is read-only", RIGHTS),
    sqlite3.SQLITE_IOERR: ("the disk is full or failing", _ROOM),
    sqlite3.SQLITE_CANTOPEN: ("it cannot be opened", RIGHTS),
    sqlite3.SQLITE_BUSY: (
        "another process keeps it locked",
        "End that process, such as a program that shows databases or makes a backup, and try again",
    ),
    sqlite3.SQLITE_PROTOCOL: ("it cannot be locked, as on many network file systems", _LOCAL),
    sqlite3.SQLITE_NOTADB: ("it is not a database", _BACKUP),
    sqlite3.SQLITE_CORRUPT: ("it is damaged", _BACKUP),
}
"""What SQLite reports -> the reason, and what to do."""


def file_of(url: URL) -> Path | None:
    """The file of a SQLite database; None for other databases, and for those in memory."""
    named = url.get_backend_name() == "sqlite" and url.database and "uri" not in url.query
    return Path(str(url.database)) if named and url.database != ":memory:" else None


def make_engine(url: URL, waits: float) -> Engine:
    """waits: seconds that a transaction waits for that of another process."""
    engine = create_engine(url, connect_args={"timeout": waits})
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def trouble(error: BaseException) -> tuple[str, str]:
    """The reason of a driver's error and what to do, as clauses; ("", "") if it is no problem of the file."""
    # The low byte is the kind of failure; the rest says where in SQLite it occurred.
    return _TROUBLE.get(getattr(error, "sqlite_errorcode", 0) & 0xFF, ("", ""))


def use_wal(engine: Engine, waits: float) -> None:
    """Switch the file to WAL mode, which is persistent. Raises sqlite3.Error.

    SQLite does not apply the busy timeout to the lock that this needs, so wait here.
    """
    deadline = time.monotonic() + waits
    with closing(engine.raw_connection()) as connection:
        while True:
            try:
                connection.cursor().execute("PRAGMA journal_mode = WAL")
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                    raise
                time.sleep(0.01)


def _prepare(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    """Set what SQLite keeps per connection, not in the file."""
    assert isinstance(connection, sqlite3.Connection)
    # The driver would begin transactions by itself, but only before writes; `_begin` does it before reads too.
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")
    # SQLite's own knows no letters but those of English.
    connection.create_function("lower", 1, _lower, deterministic=True)


def _lower(text: object) -> str | None:
    return None if text is None else str(text).lower()


def _begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    if not options.get(WRITES, False):
        connection.exec_driver_sql("BEGIN")
        return
    # In WAL mode, NORMAL loses nothing when a process dies; a power cut may lose the last commits, never the file.
    connection.exec_driver_sql(f"PRAGMA synchronous = {'FULL' if options.get(DURABLE, False) else 'NORMAL'}")
    connection.exec_driver_sql("BEGIN IMMEDIATE")
