"""From the tables of an older Genscope to those of `schema.py`: a list of changes, each made once, in order.

Not by Alembic: every process that opens a home would import it (0.1 s of CPU, and three packages more), and its scripts
and settings are for schemas that branch. Ours is a line of a few changes, which one transaction makes.
"""

from sqlalchemy import Connection, insert, inspect, select, text, update

from pipeline.errors.machine import DatabaseUnusable, NewerDatabase
from pipeline.runs.schema import metadata, schema_version

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        "ALTER TABLE runs ADD COLUMN version TEXT",
        # Only runs from before have all noise of a grid drawn together; who makes a run says how its own is drawn.
        "ALTER TABLE runs ADD COLUMN noise VARCHAR(16) NOT NULL DEFAULT 'together'",
    ),
)
"""The statements that lead from each version to the next, for SQLite and Postgres alike. Never change one that was
released: add another. A table that is missing needs none, since it is made as `schema.py` has it."""

NEWEST = len(MIGRATIONS)

_LOCK = 20_470_613
"""Of ours among the advisory locks of a Postgres database."""


def bring_up_to_date(connection: Connection, where: str) -> None:
    """Makes the tables of a new database, and changes those of an older one. Raises NewerDatabase and
    DatabaseUnusable.

    connection: in a transaction that writes, so that of two processes one does it. where: names the database.
    """
    if connection.dialect.name == "postgresql":
        # SQLite's writing transactions wait for each other by themselves.
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
    """What the database says of itself. Raises DatabaseUnusable where it says nothing, or no such thing."""
    said = connection.execute(select(schema_version.c.version)).scalars().all()
    if len(said) != 1 or not isinstance(said[0], int) or said[0] < 0:
        raise DatabaseUnusable(where, f"its table {schema_version.name} does not say of which one version it is")
    return said[0]
