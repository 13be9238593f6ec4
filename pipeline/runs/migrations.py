"""Upgrades the tables of an older Genscope to those of `schema.py`: a list of changes, applied in order.

Alembic is not used: every process that opens a home would import it (0.1 s of CPU and three more packages), and its
scripts and settings are made for branching schemas. These are a few linear changes, applied in one transaction.
"""

import json
from collections.abc import Callable

from sqlalchemy import Connection, insert, inspect, select, text, update

from pipeline.errors.machine import DatabaseUnusable, NewerDatabase
from pipeline.runs.schema import metadata, runs, schema_version


def stamp_reading_rules(connection: Connection) -> None:
    """Record in every stored run that its image files are read by the rules of version 0.3, so that the run, its forks
    and its exports keep the order, the classes and the split of their images. Texts that are no workflow are left
    alone."""
    for run, workflow_text in connection.execute(select(runs.c.id, runs.c.workflow_text)).all():
        stamped = with_reading_rules(workflow_text)
        if stamped != workflow_text:
            connection.execute(update(runs).where(runs.c.id == run).values(workflow_text=stamped))


def with_reading_rules(workflow_text: str) -> str:
    """The document of a workflow with the rules of version 0.3 in its nodes of image files; unchanged if it has none
    of them, or is no workflow."""
    try:
        document = json.loads(workflow_text)
        every = [node for node in document["prompt"].values() if node["class_type"] == "ImageFiles"]
        nodes = [node for node in every if "rules" not in node["inputs"]]
        for node in nodes:
            node["inputs"]["rules"] = "0.3"
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return workflow_text
    # As `graph.document.write` writes it.
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n" if nodes else workflow_text


def name_templates(connection: Connection) -> None:
    """Record in every stored run the name of its workflow. Texts that are no workflow are left alone."""
    for run, workflow_text in connection.execute(select(runs.c.id, runs.c.workflow_text)).all():
        try:
            name = str(json.loads(workflow_text)["name"])
        except (ValueError, TypeError, KeyError, RecursionError):
            continue
        connection.execute(update(runs).where(runs.c.id == run).values(template=name))


def keep_json_as_text(connection: Connection) -> None:
    """Postgres refuses NaN and infinity in its type JSON, SQLite does not."""
    if connection.dialect.name == "postgresql":
        for table in ("runs", "events"):
            connection.execute(text(f"ALTER TABLE {table} ALTER COLUMN data TYPE TEXT USING data::text"))


MIGRATIONS: tuple[tuple[str | Callable[[Connection], None], ...], ...] = (
    (
        "ALTER TABLE runs ADD COLUMN version TEXT",
        # Only older runs draw the noise of a grid as one tensor; new runs record how theirs is drawn.
        "ALTER TABLE runs ADD COLUMN noise VARCHAR(16) NOT NULL DEFAULT 'together'",
    ),
    (
        # The table `measurement_blocks` is new, and so is the version: an older Genscope would resume a run without
        # deleting the measurements that come later. A run's repeated measurements are converted when it is resumed.
        "ALTER TABLE runs ADD COLUMN data JSON",
        # Unknown for older runs; their checkpoints have it.
        "ALTER TABLE runs ADD COLUMN threads INTEGER",
        stamp_reading_rules,
    ),
    (
        # The tables `tags`, `queue` and `queue_hold` are new.
        "ALTER TABLE runs ADD COLUMN template TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE runs ADD COLUMN images TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE runs ADD COLUMN changed TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE runs ADD COLUMN note TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE runs ADD COLUMN archived BOOLEAN NOT NULL DEFAULT '0'",
        "CREATE INDEX ix_runs_parent ON runs (parent)",
        "CREATE INDEX ix_series_name ON series (name, run)",
        name_templates,
    ),
    (
        # The table `taken_in` is new. Older runs were trained by one process, and on no cluster.
        "ALTER TABLE runs ADD COLUMN processes INTEGER NOT NULL DEFAULT '1'",
        "ALTER TABLE runs ADD COLUMN job TEXT NOT NULL DEFAULT ''",
        keep_json_as_text,
    ),
)
"""The statements and functions that lead from each version to the next, for both SQLite and Postgres. Never change a
released one: add another. A missing table needs no statement, since it is created as in `schema.py`."""

NEWEST = len(MIGRATIONS)


def bring_up_to_date(connection: Connection, where: str) -> None:
    """Create the tables of a new database, or upgrade those of an older one. Raises NewerDatabase, DatabaseUnusable.

    connection: must be in a write transaction, so that only one of two processes migrates. where: names the database in
    messages.
    """
    tables = inspect(connection).get_table_names()
    known = schema_version.name in tables
    unsaid = 0 if "runs" in tables else NEWEST
    found = require_known(connection, where) if known else unsaid
    metadata.create_all(connection)
    for change in (change for migration in MIGRATIONS[found:] for change in migration):
        if isinstance(change, str):
            connection.execute(text(change))
        else:
            change(connection)
    if not known:
        connection.execute(insert(schema_version).values(version=NEWEST))
    elif found < NEWEST:
        connection.execute(update(schema_version).values(version=NEWEST))


def up_to_date(connection: Connection, where: str) -> bool:
    """Whether the database has all tables of this version, so that it need not be written to be opened. Raises
    NewerDatabase, DatabaseUnusable."""
    if not set(metadata.tables) <= set(inspect(connection).get_table_names()):
        return False
    return require_known(connection, where) == NEWEST


def require_known(connection: Connection, where: str) -> int:
    """The version of the database, whose tables exist. Raises NewerDatabase, DatabaseUnusable."""
    found = _version(connection, where)
    if found > NEWEST:
        raise NewerDatabase(where, found, NEWEST)
    return found


def _version(connection: Connection, where: str) -> int:
    """The version stored in the database. Raises DatabaseUnusable if there is none or it is invalid."""
    versions = connection.execute(select(schema_version.c.version)).scalars().all()
    if len(versions) != 1 or not isinstance(versions[0], int) or versions[0] < 0:
        raise DatabaseUnusable(where, f"its table {schema_version.name} must hold one version number")
    return versions[0]
