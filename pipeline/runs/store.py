"""Runs and their history: records and events, stored in the database.

    with Store(home()) as store:
        record = store.create(name="dcgan", workflow_text=text, …)

A new run is paused at step 0. The engine that trains it holds its `RunLock` and records its progress with `update`;
`interrupted.py` finds the runs whose engine has died.
"""

import time
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Self, Unpack

from sqlalchemy import URL, Connection, func, insert, make_url, select, update

from pipeline import VERSION
from pipeline.errors.runs import UnknownRun
from pipeline.runs import schema
from pipeline.runs.database import Database
from pipeline.runs.files import RunFiles
from pipeline.runs.home import database_url
from pipeline.runs.ids import is_run_id, new_run_id
from pipeline.runs.records import Event, EventKind, GridNoise, RunChanges, RunRecord, State
from pipeline.runs.remote.changes import Changed, Created, Happened, note

__all__ = [
    "Event", "EventKind", "GridNoise", "RunChanges", "RunRecord", "State", "Store", "change", "insert_event",
    "insert_run", "require_run",
]  # fmt: skip


class Store:
    """The runs of one home. Thread-safe; several processes may each have a store. Close it when done."""

    def __init__(self, home: Path, url: str | URL | None = None) -> None:
        """url: a database other than `database_url(home)`. Raises HomeTrouble, UnusableDatabaseUrl."""
        self.home = home
        self.database = Database(database_url(home) if url is None else make_url(url))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections to the database."""
        self.database.close()

    def files(self, run: str) -> RunFiles:
        """The files of a run. Raises UnknownRun if `run` is not a run id."""
        return RunFiles(self.home, run)

    def create(
        self,
        *,
        name: str,
        workflow_text: str,
        device: str,
        seed: int,
        total_steps: int,
        batch_size: int,
        train_images: int,
        who: str,
        parent: str | None = None,
        parent_step: int | None = None,
        noise: GridNoise = "each",
        data: Mapping[str, Any] | None = None,
        threads: int | None = None,
        template: str = "",
        images: str = "",
        changed: str = "",
        processes: int = 1,
        job: str = "",
    ) -> RunRecord:
        """Record a new run, paused at step 0 (a fork: at `parent_step`), and create its folders.

        noise: for a fork, its parent's noise, so that its grids continue as before. Raises UnknownRun if there is no
        such parent, CannotWrite.
        """
        now = time.time()
        record = RunRecord(
            id=new_run_id(), name=name, state="paused", step=parent_step or 0, total_steps=total_steps, created=now,
            updated=now, workflow_text=workflow_text, device=device, seed=seed, batch_size=batch_size,
            train_images=train_images, seconds=0.0, images_per_second=0.0, who=who, parent=parent,
            parent_step=parent_step, error_node=None, error=None, version=VERSION, noise=noise, data=data,
            threads=threads, template=template, images=images, changed=changed, processes=processes, job=job,
        )  # fmt: skip
        self.files(record.id).make()
        with self.database.writing() as connection:
            if parent is not None:
                require_run(connection, parent)
            insert_run(connection, record)
        return record

    def run(self, run: str) -> RunRecord:
        """The record of a run. Raises UnknownRun."""
        if not is_run_id(run):
            raise UnknownRun(run)
        with self.database.reading() as connection:
            row = connection.execute(select(schema.runs).where(schema.runs.c.id == run)).one_or_none()
        if row is None:
            raise UnknownRun(run)
        return RunRecord(**row._mapping)

    def resolve(self, run: str) -> RunRecord:
        """The record of the run with this id, or of the newest run for "latest". Raises UnknownRun."""
        if run != "latest":
            return self.run(run)
        newest = self.recent(limit=1)
        if not newest:
            raise UnknownRun(run, str(self.home))
        return newest[0]

    def recent(self, limit: int = 50) -> list[RunRecord]:
        """The newest `limit` runs, newest first."""
        with self.database.reading() as connection:
            rows = connection.execute(select(schema.runs).order_by(schema.runs.c.id.desc()).limit(limit)).all()
        return [RunRecord(**row._mapping) for row in rows]

    def named(self, ids: Collection[str]) -> list[RunRecord]:
        """The runs with these ids, newest first; ids of no run are left out."""
        runs = schema.runs
        with self.database.reading() as connection:
            rows = connection.execute(select(runs).where(runs.c.id.in_(ids)).order_by(runs.c.id.desc())).all()
        return [RunRecord(**row._mapping) for row in rows]

    def recorded_as(self, state: State) -> list[RunRecord]:
        """The runs recorded in this state, newest first."""
        runs = schema.runs
        with self.database.reading() as connection:
            rows = connection.execute(select(runs).where(runs.c.state == state).order_by(runs.c.id.desc())).all()
        return [RunRecord(**row._mapping) for row in rows]

    def update(self, run: str, **changes: Unpack[RunChanges]) -> None:
        """Change fields of a run's record, and its time `updated`. Raises UnknownRun, CannotWrite."""
        with self.database.writing() as connection:
            require_run(connection, run)
            change(connection, run, changes)

    def add_event(
        self, run: str, step: int, kind: EventKind, text: str, who: str, data: Mapping[str, Any] | None = None
    ) -> None:
        """Record an event; `data` is any JSON-serialisable mapping. Raises UnknownRun, CannotWrite."""
        with self.database.writing() as connection:
            require_run(connection, run)
            insert_event(connection, run, Event(step, time.time(), kind, text, who, data))

    def events(self, run: str, limit: int | None = 1000) -> list[Event]:
        """The last `limit` events of a run, all with None, oldest first. Raises UnknownRun."""
        columns = [schema.events.c[name] for name in Event.__dataclass_fields__]
        with self.database.reading() as connection:
            require_run(connection, run)
            rows = connection.execute(
                select(*columns).where(schema.events.c.run == run).order_by(schema.events.c.id.desc()).limit(limit)
            ).all()
        return [Event(**row._mapping) for row in reversed(rows)]

    def event_count(self, run: str) -> int:
        """Number of events of a run; events are never deleted."""
        events = schema.events
        with self.database.reading() as connection:
            found = connection.execute(select(func.count()).select_from(events).where(events.c.run == run))
            return int(found.scalar_one())


def require_run(connection: Connection, run: str) -> None:
    """Check that the run exists. Raises UnknownRun if it does not."""
    if connection.execute(select(schema.runs.c.id).where(schema.runs.c.id == run)).one_or_none() is None:
        raise UnknownRun(run)


def insert_run(connection: Connection, record: RunRecord) -> None:
    """Record a new run, whose parent exists."""
    connection.execute(insert(schema.runs).values(vars(record)))
    note(connection, Created(record))


def change(connection: Connection, run: str, changes: RunChanges, updated: float | None = None) -> None:
    """Change fields of a run's record, and its time `updated`: seconds since 1970, None for now."""
    updated = time.time() if updated is None else updated
    connection.execute(update(schema.runs).where(schema.runs.c.id == run).values(**changes, updated=updated))
    note(connection, Changed(run, {**changes}, updated))


def insert_event(connection: Connection, run: str, event: Event) -> None:
    """Record an event of a run that exists."""
    connection.execute(insert(schema.events).values(run=run, **vars(event)))
    note(connection, Happened(run, event))
