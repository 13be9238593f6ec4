"""Prepares the folder of a job, on the machine that may open the home's database."""

import json
import secrets
import shutil
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Table, insert, select

from pipeline.errors.jobs import JobExists
from pipeline.runs import schema
from pipeline.runs.atomic_files import make_folder, os_errors_as_refusals, write_atomically
from pipeline.runs.edits import require_runs
from pipeline.runs.remote.job_folder import WORKER_DATABASE, JobFolder, this_machine
from pipeline.runs.remote.outbox import make_outbox
from pipeline.runs.remote.taking_in import take_in
from pipeline.runs.store import Store

_ROWS_AT_ONCE = 64


def prepare(store: Store, name: str, runs: Collection[str] = ()) -> JobFolder:
    """Make the folder of a job, private to this user, with a database for its worker in it.

    runs: those that the worker resumes, forks or reads, with all their rows; of their ancestors it gets the records.
    None for a new run. Whatever earlier jobs of these runs have recorded is taken in first. Raises UnusableJobName,
    JobExists, UnknownRun, CannotWrite, with no folder made.
    """
    job = JobFolder(store.home, name)
    take_in(store)
    if job.folder.exists():
        raise JobExists(name)
    made = job.folder.with_name(f".preparing-{secrets.token_hex(8)}")
    try:
        with os_errors_as_refusals(made):
            # One by one, since a missing parent would be open to others.
            for folder in (job.folder.parent, made, made / job.outbox.name):
                make_folder(folder)
            origin = secrets.token_hex(8)
            _make_database(store, made / WORKER_DATABASE, origin, runs)
            write_atomically(made / job.facts.name, json.dumps({"machine": this_machine(), "origin": origin}).encode())
            # A folder that exists is whole.
            made.rename(job.folder)
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return job


def _make_database(store: Store, path: Path, origin: str, runs: Collection[str]) -> None:
    url = URL.create("sqlite", database=str(path))
    # It is that of a worker from the next time on that it is opened: what is copied here is not sent back.
    with Store(store.home, url) as worker, worker.database.writing() as target:
        make_outbox(target, origin)
        with store.database.reading() as source:
            require_runs(source, list(runs))
            for record in _with_ancestors(source, runs):
                target.execute(insert(schema.runs), record)
            for run in runs:
                _copy(source, target, run)


def _with_ancestors(source: Connection, runs: Collection[str]) -> Iterator[dict[str, Any]]:
    """The records of these runs and of the runs that they were forked from, ancestors first."""
    found: dict[str, dict[str, Any]] = {}
    wanted = list(dict.fromkeys(runs))
    while wanted:
        rows = source.execute(select(schema.runs).where(schema.runs.c.id.in_(wanted))).all()
        found |= {row.id: dict(row._mapping) for row in rows}
        wanted = [row.parent for row in rows if row.parent is not None and row.parent not in found]
    # Ids sort by time, and a run is younger than its parent, unless it was imported under a new id.
    while found:
        free = sorted(run for run, record in found.items() if record["parent"] not in found)
        yield from (found.pop(run) for run in free)


def _copy(source: Connection, target: Connection, run: str) -> None:
    """Copy the events and series of a run, with their ids."""
    series = select(schema.series.c.id).where(schema.series.c.run == run)
    for table in (schema.events, schema.series):
        _copy_rows(source, target, table, table.c.run == run)
    for table in (schema.metric_blocks, schema.measurement_blocks):
        _copy_rows(source, target, table, table.c.series.in_(series))


def _copy_rows(source: Connection, target: Connection, table: Table, condition: Any) -> None:
    query = select(table).where(condition).execution_options(yield_per=_ROWS_AT_ONCE)
    for rows in source.execute(query).mappings().partitions():
        target.execute(insert(table), [dict(row) for row in rows])
