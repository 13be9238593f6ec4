"""Upgrades the tables of an older Genscope to those of `schema.py`: a list of changes, applied in order.

Alembic is not used: every process that opens a home would import it (0.1 s of CPU and three more packages), and its
scripts and settings are made for branching schemas. These are a few linear changes, applied in one transaction.
"""

from sqlalchemy import Connection, insert, inspect, select, text, update

from pipeline.errors.machine import DatabaseUnusable, NewerDatabase
from pipeline.runs.schema import metadata, schema_version

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        "ALTER TABLE runs ADD COLUMN version TEXT",
        # Only older runs draw the noise of a grid as one tensor; new runs record how theirs is drawn.
        "ALTER TABLE runs ADD COLUMN noise VARCHAR(16) NOT NULL DEFAULT 'together'",
    ),
    (
        # The table `measurement_blocks` is new, and so is the version: an older Genscope would resume a run without
        # deleting the measurements that come later. A run's repeated measurements are converted when it is resumed.
    ),
)
"""The statements that lead from each version to the next, for both SQLite and Postgres. Never change a released one:
add another. A missing table needs no statement, since it is created as in `schema.py`."""

NEWEST = len(MIGRATIONS)

_LOCK = 20_470_613
"""Genscope's key among the advisory locks of a Postgres database."""


def bring_up_to_date(connection: Connection, where: str) -> None:
    """Create the tables of a new database, or upgrade those of an older one. Raises NewerDatabase, DatabaseUnusable.

    connection: must be in a write transaction, so that only one of two processes migrates. where: names the database in
    messages.
    """
    if connection.dialect.name == "postgresql":
        # SQLite's write transactions exclude each other anyway.
        connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
    tables = inspect(connection).get_table_names()
    known = schema_version.name in tables
    unsaid = 0 if "runs" in tables else NEWEST
    found = _version(connection, where) if known else unsaid
    if found > NEWEST:
        raise NewerDatabase(where, found, NEWEST)
    metadata.create_all(connection)
    for statement in (statement for migration in MIGRATIONS[found:] for statement in migration):
        connection.execute(text(statement))
    if not known:
        connection.execute(insert(schema_version).values(version=NEWEST))
    elif found < NEWEST:
        connection.execute(update(schema_version).values(version=NEWEST))


def _version(connection: Connection, where: str) -> int:
    """The version stored in the database. Raises DatabaseUnusable if there is none or it is invalid."""
    versions = connection.execute(select(schema_version.c.version)).scalars().all()
    if len(versions) != 1 or not isinstance(versions[0], int) or versions[0] < 0:
        raise DatabaseUnusable(where, f"its table {schema_version.name} must hold one version number")
    return versions[0]
