"""From the tables of an older Genscope to those of `schema.py`: a list of changes, each made once, in order.

Not by Alembic: every process that opens a home would import it (0.1 s of CPU, and three packages more), and its scripts
and settings are for schemas that branch. Ours is a line of a few changes, which one transaction makes.
"""

from sqlalchemy import Connection, insert, inspect, select, text, update

from pipeline.errors.machine import NewerDatabase
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
    """Makes the tables of a new database, and changes those of an older one. Raises NewerDatabase.

    connection: in a transaction that writes, so that of two processes one does it. where: names the database.
    """
    if connection.dialect.name == "postgresql":
        # SQLite's writing transactions wait for each other by themselves.
        connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
    tables = inspect(connection).get_table_names()
    if schema_version.name in tables:
        found = connection.execute(select(schema_version.c.version)).scalar_one()
    else:
        found = 0 if "runs" in tables else NEWEST
    if found > NEWEST:
        raise NewerDatabase(where, found, NEWEST)
    metadata.create_all(connection)
    for statement in (statement for migration in MIGRATIONS[found:] for statement in migration):
        connection.execute(text(statement))
    if schema_version.name not in tables:
        connection.execute(insert(schema_version).values(version=NEWEST))
    elif found < NEWEST:
        connection.execute(update(schema_version).values(version=NEWEST))
