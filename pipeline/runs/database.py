"""The database, shared by several threads and processes: opening, reading and writing.

SQLite (`sqlite_engine.py`) or Postgres (`postgres_engine.py`); for both, a read transaction sees one state of the
database throughout, and write transactions exclude each other.

A process may use a database for weeks. So each transaction looks whether a SQLite file is still the one that was
opened, because SQLite would go on with a deleted one and lose all of it; and each write, whether a newer Genscope has
changed the tables meanwhile. In the database of a cluster job's worker, each write also sends what it changed to the
home (`remote/outbox.py`).
"""

import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext

from sqlalchemy import URL, Connection, Engine
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionLeft

from pipeline.errors.base import GenscopeError
from pipeline.errors.machine import CannotWrite, DatabaseGone, DatabaseUnusable, UnstorableText, UnusableDatabaseUrl
from pipeline.runs import postgres_engine, sqlite_engine
from pipeline.runs.migrations import bring_up_to_date, require_known, up_to_date
from pipeline.runs.remote.outbox import Outbox, find_outbox

WAITS_SECONDS = 20.0
"""How long a transaction waits for that of another process to end."""

_FileId = tuple[int, int]


class Database:
    """A pool of connections to one database; thread-safe. Close it when done."""

    def __init__(self, url: URL) -> None:
        """Open the database at `url`; create missing tables and upgrade older ones.

        Raises UnusableDatabaseUrl; CannotWrite if a SQLite file cannot be made or written, DatabaseUnusable for other
        failures, NewerDatabase if a newer Genscope has changed the database.
        """
        self._url = url
        self._file = sqlite_engine.file_of(url)
        self._file_id: _FileId | None = None
        self._opening = threading.Lock()
        self._outbox: Outbox | None = None
        self._engine = self._make_engine()
        try:
            self._open()
        except GenscopeError:
            self.close()
            raise

    @property
    def is_postgres(self) -> bool:
        return self._url.get_backend_name() in postgres_engine.BACKENDS

    @property
    def of_worker(self) -> bool:
        """Whether it is that of a cluster job's worker, which sends to the home what it records."""
        return self._outbox is not None

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
    def writing(self, *, durable: bool = False) -> Iterator[Connection]:
        """A connection that holds the write lock; commits at the end, rolls back on an exception. durable: so that a
        power cut after it loses nothing of it. Raises CannotWrite, DatabaseGone, NewerDatabase, DatabaseUnusable."""
        self._require_file()
        opened, outbox, stored = self._file_id, self._outbox, None
        with self._writing(durable=durable or outbox is not None) as connection:
            require_known(connection, self._where())
            with outbox.noting(connection) if outbox else nullcontext() as stored:
                yield connection
        if self._found_id() != opened:
            # What went into a file that was deleted meanwhile is lost.
            raise DatabaseGone(str(self._file))
        if outbox is not None:
            outbox.send(stored)

    def _make_engine(self) -> Engine:
        """Raises UnusableDatabaseUrl, DatabaseUnusable."""
        try:
            if self.is_postgres:
                return postgres_engine.make_engine(self._url)
            if self._url.get_backend_name() == "sqlite":
                return sqlite_engine.make_engine(self._url, WAITS_SECONDS)
        except ImportError as error:
            advice = "Install it with `pip install -r requirements.txt -c .github/constraints.txt`"
            raise DatabaseUnusable(self._where(), "the package psycopg[binary] is not installed", advice) from error
        except ArgumentError as error:
            raise UnusableDatabaseUrl(self._where(), str(error)) from error
        raise UnusableDatabaseUrl(self._where(), "Genscope uses SQLite and Postgres (postgresql://…)")

    def _open(self) -> None:
        with self._sentences("written"):
            if not self.is_postgres:
                sqlite_engine.use_wal(self._engine, WAITS_SECONDS)
        with self._reading() as connection:
            ready = up_to_date(connection, self._where())
            self._outbox = find_outbox(connection, self._file)
        if not ready:
            # In one transaction: of two processes that open a new or an old database, one makes the tables.
            with self._writing() as connection:
                bring_up_to_date(connection, self._where())
        self._file_id = self._found_id()
        if self._outbox is not None:
            self._outbox.send()

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
            reason = (error.strerror or str(error)).lower()
            raise DatabaseUnusable(str(self._file), reason, sqlite_engine.RIGHTS) from error
        return found.st_dev, found.st_ino

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with self._sentences("read"), self._engine.connect() as connection:
            if self.is_postgres:
                postgres_engine.begin_reading(connection)
            with connection.begin():
                yield connection

    @contextmanager
    def _writing(self, *, durable: bool = False) -> Iterator[Connection]:
        with self._sentences("written"), self._engine.connect() as connection:
            connection.execution_options(**{sqlite_engine.WRITES: True, sqlite_engine.DURABLE: durable})
            with connection.begin():
                if self.is_postgres:
                    postgres_engine.begin_writing(connection, WAITS_SECONDS)
                yield connection

    @contextmanager
    def _sentences(self, doing: str) -> Iterator[None]:
        """doing: "read" or "written"."""
        try:
            yield
        except DBAPIError as error:
            if (text := _with_nul(error.params)) and self.is_postgres:
                raise UnstorableText(text) from error
            raise self._sentence(error.orig or error, doing) from error
        except sqlite3.Error as error:
            raise self._sentence(error, doing) from error
        except UnicodeEncodeError as error:
            raise UnstorableText(error.object) from error
        except NoConnectionLeft as error:
            advice = "Try again in a moment"
            raise DatabaseUnusable(self._where(), "too many threads of this program use it", advice) from error

    def _sentence(self, error: BaseException, doing: str) -> GenscopeError:
        """Return the exception to raise for a driver's error."""
        if self.is_postgres:
            reason, advice = postgres_engine.trouble(error)
            where = self._where()
        else:
            reason, advice = sqlite_engine.trouble(error)
            where = str(self._url.database)
        if reason and doing == "written":
            return CannotWrite(where, reason, advice)
        if reason:
            return DatabaseUnusable(where, reason, advice)
        # Not a problem of the database but, for example, of tables with an unexpected schema.
        said = postgres_engine.first_line(error) if self.is_postgres else str(error).strip()
        return DatabaseUnusable(self._where(), said)

    def _where(self) -> str:
        if self.is_postgres:
            return postgres_engine.where(self._url)
        return self._url.render_as_string(hide_password=True)


def _with_nul(parameters: object) -> str:
    """The first text among a statement's parameters that has a NUL character, which Postgres does not store; ""."""
    if isinstance(parameters, str):
        return parameters if "\0" in parameters else ""
    if isinstance(parameters, Mapping):
        parameters = list(parameters.values())
    if isinstance(parameters, list | tuple):
        return next(filter(None, map(_with_nul, parameters)), "")
    return ""
