"""The Postgres side of `database.py`: connections, transactions, and what its errors mean.

Transactions keep the promises of SQLite's: one that reads sees one state of the database throughout (REPEATABLE READ),
and those that write follow one another, each waiting for a lock at its start. A connection that the server has closed,
as when it was started again, is noticed before it is used and replaced.
"""

import re
from importlib.util import find_spec

from sqlalchemy import URL, Connection, Engine, create_engine

BACKENDS = ("postgresql", "postgres")

_LOCK = 20_470_613
"""Genscope's key among the advisory locks of a database; the second key is the schema, of which each has its own."""
_IDLE_SECONDS = 600
"""How long a write transaction may stand still before the server ends it: its machine may have lost its network, and
would keep all others waiting."""
_CONNECTING = {"connect_timeout": "10", "keepalives_idle": "30", "keepalives_interval": "10", "keepalives_count": "3"}
"""Settings of the connection, in seconds, that the URL may change: without them, a vanished server is waited for in
vain for hours."""

_URL = "GENSCOPE_DATABASE_URL"
_START = "Start it, and try again"
_REACH = f"Start it, or correct host and port in {_URL}"
_TROUBLE = {
    "53100": ("the disk of its server is full", "Free some space there"),
    "53200": ("its server is out of memory", "End other programs there"),
    "53300": ("its server has no connection left", "Close other programs that use it, or raise max_connections there"),
    "55P03": ("another process keeps it locked", "Wait for that process or end it, and try again"),
    "25006": ("it is read-only", f"Set {_URL} to a database that can be written"),
    "42501": (f"the user of {_URL} may not do this", "Have the owner of the database grant all rights on its schema"),
    "25P03": ("its server ended a transaction that stood still", "Try again"),
    "57P01": ("its server was stopped", _START),
    "57P02": ("its server has crashed", _START),
    "57P03": ("its server is starting or stopping", "Try again in a moment"),
}
"""Error codes of Postgres (appendix A of its manual) -> the reason, and what to do."""
_REFUSED = (
    (r"(?i)password authentication failed|no password supplied", "its server refuses the user or the password",
     f"Correct them in {_URL}"),
    (r'database "(.*)" does not exist', "its server has no such database", "Create it with `createdb`, or correct the "
     f"name in {_URL}"),
    (r'role "(.*)" does not exist', "its server has no such user", f"Correct the user in {_URL}"),
    (r"no pg_hba\.conf entry|authentication failed", "its server does not let this user in from here", "Allow it in "
     "the server's pg_hba.conf"),
    (r"too many clients|remaining connection slots", *_TROUBLE["53300"]),
    (r"the database system is (starting|shutting)", *_TROUBLE["57P03"]),
    (r"(?i)connection refused", "its server cannot be reached: no program answers there", _REACH),
    (r"(?i)no such file or directory", "its server cannot be reached: it has no socket there", _REACH),
    (r"(?i)time-?d? ?out", "its server cannot be reached: it did not answer in time", _REACH),
    (r"(?i)resolve host|translate host name|name or service", "its server cannot be reached: no host has this name",
     f"Correct the host in {_URL}"),
    (r"(?i)server closed the connection|connection is closed|terminating connection|connection (is )?lost"
     r"|consuming input failed|SSL connection has been closed", "the connection to its server was lost", _START),
)  # fmt: skip
"""What is found in an error without a code, as the driver raises where there is no connection."""


def make_engine(url: URL) -> Engine:
    """Raises ImportError without the driver or the library that it needs."""
    if find_spec("psycopg") is None:
        raise ModuleNotFoundError("psycopg")
    settings = {name: value for name, value in _CONNECTING.items() if name not in url.query}
    return create_engine(url.set(drivername="postgresql+psycopg"), pool_pre_ping=True, connect_args=settings)


def begin_reading(connection: Connection) -> Connection:
    return connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def begin_writing(connection: Connection, waits: float) -> None:
    """Wait for the other write transactions on these tables to end, `waits` seconds at most."""
    connection.exec_driver_sql(
        f"SET LOCAL lock_timeout = {round(1000 * waits)};"
        f"SET LOCAL idle_in_transaction_session_timeout = '{_IDLE_SECONDS}s';"
        f"SELECT pg_advisory_xact_lock({_LOCK}, hashtext(current_schema()))"
    )


def trouble(error: BaseException) -> tuple[str, str]:
    """The reason of a driver's error and what to do, as clauses; ("", "") if it is a problem of the statement."""
    code = str(getattr(error, "sqlstate", None) or "")
    if code in _TROUBLE:
        return _TROUBLE[code]
    said = str(error)
    if not code:
        for pattern, reason, advice in _REFUSED:
            if re.search(pattern, said):
                return reason, advice
    if code.startswith("08"):
        return "the connection to its server was lost", _START
    return "", ""


def first_line(error: BaseException) -> str:
    """What Postgres says, without the statement that it shows below."""
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)


def where(url: URL) -> str:
    """The database in messages: without its password, which may also be among the settings after the question mark."""
    shown = {name: value for name, value in url.query.items() if name in ("host", "port")}
    return url.set(drivername="postgresql", password=None, query=shown).render_as_string(hide_password=True)
