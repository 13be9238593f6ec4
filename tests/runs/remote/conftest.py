"""Fixtures: a home, and the store of a worker that may not open the home's database."""

from collections.abc import Callable, Iterator, Mapping

import pytest
from sqlalchemy import select

from pipeline.runs import schema
from pipeline.runs.remote.job_folder import JobFolder, worker_url
from pipeline.runs.remote.preparing import prepare
from pipeline.runs.store import RunRecord, Store

NewRun = Callable[..., RunRecord]
JOB = "nightly"


@pytest.fixture
def run(new_run: NewRun) -> str:
    """The run that the worker resumes."""
    return new_run().id


@pytest.fixture
def job(store: Store, run: str) -> JobFolder:
    return prepare(store, JOB, [run])


@pytest.fixture
def worker(store: Store, job: JobFolder) -> Iterator[Store]:
    with Store(store.home, worker_url(store.home, JOB, remotely=True)) as worker:
        yield worker


def rows(store: Store) -> Mapping[str, list[tuple[object, ...]]]:
    """All that is stored of runs, without the ids that databases give; series by name."""
    with store.database.reading() as connection:
        names = {row.id: (row.run, row.name) for row in connection.execute(select(schema.series))}
        found: dict[str, list[tuple[object, ...]]] = {}
        for table in (schema.runs, schema.events, schema.metric_blocks, schema.measurement_blocks):
            key = "id" if table is schema.events else None
            ordered = connection.execute(select(table).order_by(*table.primary_key)).mappings()
            found[table.name] = [
                tuple(names[value] if name == "series" else value for name, value in row.items() if name != key)
                for row in ordered
            ]
    # Tuples with NaN in a dictionary are compared as text.
    return {name: sorted(each, key=str) for name, each in found.items()}
