"""Which databases a test of stored runs needs, and a new one of Postgres."""

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from sqlalchemy import make_url

if TYPE_CHECKING:
    from psycopg import Connection

Server: TypeAlias = "Connection[tuple[object, ...]]"

POSTGRES = "GENSCOPE_TEST_POSTGRES"
"""Names the variable with the URL of a server for tests (`tests/postgres.py`)."""

SQLITE, BOTH = ("sqlite",), ("sqlite", "postgres")
"""Kinds of databases; a module whose tests need other ones than BOTH says so as DATABASES."""

TestT = TypeVar("TestT", bound=Callable[..., object])


def sqlite_only(test: TestT) -> TestT:
    """For a test of what only SQLite has, a file, or of what does not depend on the database and takes long."""
    test.databases = SQLITE  # type: ignore[attr-defined]
    return test


@contextmanager
def schema_of(server: Server) -> Iterator[str]:
    """The URL of a new schema without tables: for Genscope, a database of its own."""
    name = f"test_{secrets.token_hex(8)}"
    server.execute(f"CREATE SCHEMA {name}")
    yield f"{os.environ[POSTGRES]}&options=-csearch_path%3D{name}&application_name={name}"
    server.execute(f"DROP SCHEMA {name} CASCADE")


def name_of(url: str) -> str:
    """The schema of such a URL."""
    return str(make_url(url).query["options"]).partition("=")[2]
