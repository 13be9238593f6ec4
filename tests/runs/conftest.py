"""The databases that tests of stored runs use: SQLite, and Postgres where `tests/postgres.py` gives the URL of one."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.runs.schema import metadata
from pipeline.runs.store import Store
from tests.runs.databases import BOTH, POSTGRES, Server, name_of, schema_of


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that needs a database with each kind of it; without a server for tests, as `tests/run.py` starts one,
    with SQLite only."""
    if "database" in metafunc.fixturenames:
        of_module = getattr(metafunc.module, "DATABASES", BOTH)
        kinds = getattr(metafunc.function, "databases", of_module)
        present = [kind for kind in kinds if kind == "sqlite" or os.environ.get(POSTGRES)]
        metafunc.parametrize("database", present, indirect=True)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A connection to the server, for what stores do not do."""
    import psycopg

    with psycopg.connect(os.environ[POSTGRES], autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="session")
def shared_tables(postgres: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of tables that all tests share, one after another: making them takes longer than most tests."""
    with schema_of(postgres) as url:
        Store(tmp_path_factory.mktemp("postgres"), url).close()
        yield url


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database, of each kind in turn."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/genscope.sqlite"
        return
    server, url = request.getfixturevalue("postgres"), request.getfixturevalue("shared_tables")
    yield url
    for table in reversed(metadata.sorted_tables):
        if table.name != "schema_version":
            # Faster than TRUNCATE, which makes new files.
            server.execute(f"DELETE FROM {name_of(url)}.{table.name}")


@pytest.fixture
def store(tmp_path: Path, database: str) -> Iterator[Store]:
    with Store(tmp_path, database) as store:
        yield store
