"""The tables of the database. Times are seconds since 1970 (UTC); steps count from 1.

Metrics are stored in blocks, one row per block and series: at most 4,096 values, with a summary of the block in columns
and a finer one, per 64 steps, in `cells` (`blocks.py`). A chart reads the coarsest that is fine enough. `cells` and
`raw` are the last columns: SQLite stores long bytes on separate pages, which a query for the earlier columns never
touches. Measurements, made at some steps only, are stored as steps and values in blocks of their own (`points.py`).
"""

import json
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Dialect,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)


class JsonText(TypeDecorator[Any]):
    """JSON as text, with NaN and infinity, which Postgres refuses in its own type."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: object, dialect: Dialect) -> str | None:
        return None if value is None else json.dumps(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else json.loads(value)


metadata = MetaData()
_JSON = JSON().with_variant(JsonText(), "postgresql")
_JSON_OR_NULL = JSON(none_as_null=True).with_variant(JsonText(), "postgresql")

schema_version = Table("schema_version", metadata, Column("version", Integer, nullable=False))
"""One row: the number of migrations in `migrations.py` that these tables include."""

runs = Table(
    "runs",
    metadata,
    Column("id", String(24), primary_key=True),
    Column("name", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("step", BigInteger, nullable=False),
    Column("total_steps", BigInteger, nullable=False),
    Column("created", Double, nullable=False),
    Column("updated", Double, nullable=False),
    Column("workflow_text", Text, nullable=False),
    Column("device", Text, nullable=False),
    Column("seed", BigInteger, nullable=False),
    Column("batch_size", Integer, nullable=False),
    Column("train_images", Integer, nullable=False),
    Column("seconds", Double, nullable=False),
    Column("images_per_second", Double, nullable=False),
    Column("who", Text, nullable=False),
    # The index: a deletion looks for the forks of a run.
    Column("parent", ForeignKey("runs.id"), index=True),
    Column("parent_step", BigInteger),
    Column("error_node", Text),
    Column("error", Text),
    Column("version", Text, comment="of the program that made the run; NULL if made before versions were recorded"),
    Column("noise", String(16), nullable=False, server_default="together"),
    Column("data", _JSON_OR_NULL, comment="what was found when its images were read; NULL if not recorded"),
    Column("threads", Integer, comment="CPU threads; NULL if last trained before they were recorded"),
    Column("template", Text, nullable=False, server_default="", comment="name of the workflow it was started with"),
    Column("images", Text, nullable=False, server_default="", comment="name of its data; empty if not recorded"),
    Column("changed", Text, nullable=False, server_default="", comment="what was changed at the fork, in words"),
    Column("note", Text, nullable=False, server_default=""),
    Column("archived", Boolean, nullable=False, server_default=text("'0'")),
    Column("processes", Integer, nullable=False, server_default="1", comment="that train it, or last did"),
    Column("job", Text, nullable=False, server_default="", comment="id of its cluster job; empty for none"),
)

tags = Table(
    "tags",
    metadata,
    Column("run", ForeignKey("runs.id"), primary_key=True),
    Column("tag", String(60), primary_key=True, index=True),
)

queue = Table(
    "queue",
    metadata,
    Column("id", String(24), primary_key=True),
    Column("place", Double, nullable=False, comment="they start in ascending order"),
    Column("name", Text, nullable=False),
    Column("workflow_text", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("created", Double, nullable=False),
    Column("not_before", Double, comment="NULL: as soon as the device is free"),
    Column("held", Boolean, nullable=False, server_default=text("'0'")),
    Column("state", String(16), nullable=False, comment="waiting, started, refused or cancelled"),
    Column("sweep", Text, nullable=False, server_default="", comment="name of the sweep that it belongs to"),
    Column("run", ForeignKey("runs.id"), comment="NULL until it is started"),
    Column("error", Text, nullable=False, server_default="", comment="why it was refused, or its run stopped"),
    Index("ix_queue_state_place", "state", "place"),
)
"""Runs that wait for the device, and those that were started or refused."""

queue_hold = Table(
    "queue_hold",
    metadata,
    Column("since", Double, nullable=False),
    Column("who", Text, nullable=False),
)
"""One row while the queue as a whole is held and starts nothing; otherwise empty."""

events = Table(
    "events",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("run", ForeignKey("runs.id"), nullable=False, index=True),
    Column("step", BigInteger, nullable=False),
    Column("time", Double, nullable=False),
    Column("kind", String(32), nullable=False),
    Column("text", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("data", _JSON),
)

series = Table(
    "series",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("run", ForeignKey("runs.id"), nullable=False),
    Column("name", String(100), nullable=False),
    UniqueConstraint("run", "name"),
    # Runs are ordered by the values of one series.
    Index("ix_series_name", "name", "run"),
)

metric_blocks = Table(
    "metric_blocks",
    metadata,
    Column("series", ForeignKey("series.id"), primary_key=True),
    Column("first_step", BigInteger, primary_key=True),
    Column("points", Integer, nullable=False),
    Column("low", Double, comment="NULL where every value is NaN, which SQLite does not store"),
    Column("high", Double),
    Column("last", Double),
    Column("cells", LargeBinary, nullable=False),
    Column("raw", LargeBinary, nullable=False),
)

measurement_blocks = Table(
    "measurement_blocks",
    metadata,
    Column("series", ForeignKey("series.id"), primary_key=True),
    Column("first_step", BigInteger, primary_key=True),
    Column("last_step", BigInteger, nullable=False),
    Column("steps", LargeBinary, nullable=False),
    Column("raw", LargeBinary, nullable=False),
)

taken_in = Table(
    "taken_in",
    metadata,
    Column("origin", Text, primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
)
"""The numbered files of workers on other hosts whose rows are in this database. origin: the worker's database."""
