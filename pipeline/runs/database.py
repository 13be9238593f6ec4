"""The database, shared by several threads and processes: opening, reading and writing.

SQLite runs in WAL mode, in which readers and the one writer do not block each other. A read transaction sees one state
of the database from its first query to its last. A write transaction takes the write lock at its start (BEGIN
IMMEDIATE): if it read first and asked for the lock later, it could be refused at once instead of waiting. Other
databases (Postgres) need none of this and get plain transactions.

A process may use a database for weeks. So each transaction looks whether the file is still the one that was opened,
because SQLite would go on with a deleted one and lose all of it; and each write, whether a newer Genscope has changed
the tables meanwhile.
"""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry

from pipeline.errors.base import GenscopeError
from pipeline.errors.machine import CannotWrite, DatabaseGone, DatabaseUnusable, UnstorableText
from pipeline.runs.migrations import bring_up_to_date, require_known, up_to_date

WAITS_SECONDS = 20.0
"""How long a transaction waits for that of another process to end."""

_ROOM = "Free some space or set GENSCOPE_HOME to another folder"
_RIGHTS = "Make it and its folder writable for this user, or set GENSCOPE_HOME to another folder"
_LOCAL = "Set GENSCOPE_HOME to a folder on a disk of this machine, or GENSCOPE_DATABASE_URL to a Postgres database"
_BACKUP = "Put back a backup, or set GENSCOPE_HOME to another folder"
_TROUBLE = {
    sqlite3.SQLITE_FULL: ("the disk is full", _ROOM),
    sqlite3.SQLITE_READONLY: ("it is read-only", _RIGHTS),
    sqlite3.SQLITE_IOERR: ("the disk is full or failing", _ROOM),
    sqlite3.SQLITE_CANTOPEN: ("it cannot be opened", _RIGHTS),
    sqlite3.SQLITE_BUSY: (
        "another process keeps it locked",
        "End that process, such as a program that shows databases or makes a backup, and try again",
    ),
    sqlite3.SQLITE_PROTOCOL: ("it cannot be locked, as on many network file systems", _LOCAL),
    sqlite3.SQLITE_NOTADB: ("it is not a database", _BACKUP),
    sqlite3.SQLITE_CORRUPT: ("it is damaged", _BACKUP),
}
"""What SQLite reports -> the reason, and what to do."""

_FileId = tuple[int, int]


class Database:
    """A pool of connections to one database; thread-safe. Close it when done."""

    def __init__(self, url: URL) -> None:
        """Open the database at `url`; create missing tables and upgrade older ones.

        Raises CannotWrite if a SQLite file cannot be made or written, DatabaseUnusable for other failures,
        NewerDatabase if a newer Genscope has changed the database.
        """
        self._url = url
        self._file = _file_of(url)
        self._file_id: _FileId | None = None
        self._opening = threading.Lock()
        try:
            self._engine = _engine(url)
        except (ArgumentError, ModuleNotFoundError) as error:
            raise DatabaseUnusable(self._where(), str(error)) from error
        try:
            self._open()
        except GenscopeError:
            self.close()
            raise

    def close(self) -> None:
        """Close every connection that is not in use."""
        self._engine.dispose()

    def check(self) -> None:
        """Raise DatabaseGone, NewerDatabase or DatabaseUnusable if the database cannot be read now."""
        with self.reading() as connection:
            require_known(connection, self._where())

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees one state of the database throughout. Raises DatabaseGone, DatabaseUnusable."""
        self._require_file()
        with self._reading() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A connection that holds the write lock; commits at the end, rolls back on an exception. Raises CannotWrite,
        DatabaseGone, NewerDatabase, DatabaseUnusable."""
        self._require_file()
        opened = self._file_id
        with self._writing() as connection:
            require_known(connection, self._where())
            yield connection
        if self._found_id() != opened:
            # What went into a file that was deleted meanwhile is lost.
            raise DatabaseGone(str(self._file))

    def _open(self) -> None:
        if self._url.get_backend_name() == "sqlite":
            self._use_wal()
        with self._reading() as connection:
            ready = up_to_date(connection, self._where())
        if not ready:
            # In one transaction: of two processes that open a new or an old database, one makes the tables.
            with self._writing() as connection:
                bring_up_to_date(connection, self._where())
        self._file_id = self._found_id()

    def _require_file(self) -> None:
        """Raise DatabaseGone if the file is missing; open it again if another one has taken its place, such as a
        backup."""
        if self._file is None or self._found_id() == self._file_id:
            return
        with self._opening:
            if self._found_id() != self._file_id:
                self._engine.dispose()
                self._open()

    def _found_id(self) -> _FileId | None:
        """What identifies the file at the database's path. Raises DatabaseGone if there is none, DatabaseUnusable if it
        cannot be seen."""
        if self._file is None:
            return None
        try:
            found = self._file.stat()
        except (FileNotFoundError, NotADirectoryError) as error:
            raise DatabaseGone(str(self._file)) from error
        except OSError as error:
            raise DatabaseUnusable(str(self._file), (error.strerror or str(error)).lower(), _RIGHTS) from error
        return found.st_dev, found.st_ino

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with self._sentences("read"), self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with self._sentences("written"), self._engine.connect() as connection:
            connection.execution_options(genscope_writes=True)
            with connection.begin():
                yield connection

    def _use_wal(self) -> None:
        """Switch the file to WAL mode, which is persistent.

        SQLite does not apply the busy timeout to the lock that this needs, so wait here.
        """
        deadline = time.monotonic() + WAITS_SECONDS
        with self._sentences("written"), closing(self._engine.raw_connection()) as connection:
            while True:
                try:
                    connection.cursor().execute("PRAGMA journal_mode = WAL")
                    return
                except sqlite3.OperationalError as error:
                    if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                        raise
                    time.sleep(0.01)

    @contextmanager
    def _sentences(self, doing: str) -> Iterator[None]:
        """doing: "read" or "written"."""
        try:
            yield
        except DBAPIError as error:
            raise self._sentence(error.orig, doing) from error
        except sqlite3.Error as error:
            raise self._sentence(error, doing) from error
        except UnicodeEncodeError as error:
            raise UnstorableText(error.object) from error

    def _sentence(self, error: BaseException | None, doing: str) -> GenscopeError:
        """Return the exception to raise for a driver error."""
        if isinstance(error, sqlite3.Error):
            # The low byte is the kind of failure; the rest says where in SQLite it occurred.
            reason, advice = _TROUBLE.get(getattr(error, "sqlite_errorcode", 0) & 0xFF, ("", ""))
            if reason and doing == "written":
                return CannotWrite(str(self._url.database), reason, advice)
            if reason:
                return DatabaseUnusable(str(self._url.database), reason, advice)
        # Not a problem of the file but, for example, of tables with an unexpected schema.
        return DatabaseUnusable(self._where(), str(error).strip())

    def _where(self) -> str:
        return self._url.render_as_string(hide_password=True)


def _file_of(url: URL) -> Path | None:
    """The file of a SQLite database; None for other databases, and for those in memory."""
    named = url.get_backend_name() == "sqlite" and url.database and "uri" not in url.query
    return Path(str(url.database)) if named and url.database != ":memory:" else None


def _engine(url: URL) -> Engine:
    if url.get_backend_name() != "sqlite":
        return create_engine(url, pool_pre_ping=True)
    engine = create_engine(url, connect_args={"timeout": WAITS_SECONDS})
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
