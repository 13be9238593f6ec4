"""The database, shared by several threads and processes: opening, reading and writing.

SQLite runs in WAL mode, in which readers and the one writer do not block each other. A read transaction sees one state
of the database from its first query to its last. A write transaction takes the write lock at its start (BEGIN
IMMEDIATE): if it read first and asked for the lock later, it could be refused at once instead of waiting. Other
databases (Postgres) need none of this and get plain transactions.
"""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry

from pipeline.errors.base import GenscopeError
from pipeline.errors.machine import CannotWrite, DatabaseUnusable
from pipeline.runs.migrations import bring_up_to_date

_WAITS_SECONDS = 20.0
"""How long a transaction waits for that of another process to end."""

_REASONS = {
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_READONLY: "it is read-only",
    sqlite3.SQLITE_IOERR: "the disk is full or failing",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened",
    sqlite3.SQLITE_BUSY: f"another process has kept it locked for {_WAITS_SECONDS:.0f} seconds",
    sqlite3.SQLITE_NOTADB: "it is not a database",
    sqlite3.SQLITE_CORRUPT: "it is damaged",
}


class Database:
    """A pool of connections to one database; thread-safe. Close it when done."""

    def __init__(self, url: URL) -> None:
        """Open the database at `url`; create missing tables and upgrade older ones.

        Raises CannotWrite if a SQLite file cannot be made or written, DatabaseUnusable for other failures,
        NewerDatabase if a newer Genscope has changed the database.
        """
        self._url = url
        try:
            self._engine = _engine(url)
        except (ArgumentError, ModuleNotFoundError) as error:
            raise DatabaseUnusable(self._where(), str(error)) from error
        try:
            if url.get_backend_name() == "sqlite":
                self._use_wal()
            # In one transaction: of two processes that open a new or an old database, one makes the tables.
            with self.writing() as connection:
                bring_up_to_date(connection, self._where())
        except GenscopeError:
            self.close()
            raise

    def close(self) -> None:
        """Close every connection that is not in use."""
        self._engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees one state of the database throughout."""
        with self._sentences(), self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A connection that holds the write lock; commits at the end, rolls back on an exception."""
        with self._sentences(), self._engine.connect() as connection:
            connection.execution_options(genscope_writes=True)
            with connection.begin():
                yield connection

    def _use_wal(self) -> None:
        """Switch the file to WAL mode, which is persistent.

        SQLite does not apply the busy timeout to the lock that this needs, so wait here.
        """
        deadline = time.monotonic() + _WAITS_SECONDS
        with self._sentences(), closing(self._engine.raw_connection()) as connection:
            while True:
                try:
                    connection.cursor().execute("PRAGMA journal_mode = WAL")
                    return
                except sqlite3.OperationalError as error:
                    if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                        raise
                    time.sleep(0.01)

    @contextmanager
    def _sentences(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            raise self._sentence(error.orig) from error
        except sqlite3.Error as error:
            raise self._sentence(error) from error

    def _sentence(self, error: BaseException | None) -> GenscopeError:
        """Return the exception to raise for a driver error."""
        if isinstance(error, sqlite3.Error):
            # The low byte is the kind of failure; the rest says where in SQLite it occurred.
            reason = _REASONS.get(getattr(error, "sqlite_errorcode", 0) & 0xFF)
            if reason is not None:
                return CannotWrite(str(self._url.database), reason)
        # Not a problem of the file but, for example, of tables with an unexpected schema.
        return DatabaseUnusable(self._where(), str(error).strip())

    def _where(self) -> str:
        return self._url.render_as_string(hide_password=True)


def _engine(url: URL) -> Engine:
    if url.get_backend_name() != "sqlite":
        return create_engine(url, pool_pre_ping=True)
    engine = create_engine(url, connect_args={"timeout": _WAITS_SECONDS})
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    """Set what SQLite keeps per connection, not in the file."""
    assert isinstance(connection, sqlite3.Connection)
    # The driver would begin transactions by itself, but only before writes; `_begin` does it before reads too.
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")
    # In WAL mode this loses nothing when a process dies; a power cut may lose the last commits, never the file.
    connection.execute("PRAGMA synchronous = NORMAL")
    # SQLite's own knows no letters but those of English.
    connection.create_function("lower", 1, _lower, deterministic=True)


def _lower(text: object) -> str | None:
    return None if text is None else str(text).lower()


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("genscope_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
