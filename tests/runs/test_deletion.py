"""Runs are deleted whole or not at all, wherever the process is killed; forks of them stay."""

import json
import os
import shutil
import signal
import socket
from collections.abc import Callable
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import func, insert, select

from pipeline.errors.machine import CannotWrite
from pipeline.errors.runs import RunInUse, UnknownRun
from pipeline.runs import deletion, edits, metrics, point_series, schema
from pipeline.runs.bundles import importing
from pipeline.runs.deletion import clear_leftovers, delete_runs
from pipeline.runs.lock import RunLock
from pipeline.runs.store import RunRecord, Store
from tests.runs.databases import sqlite_only

NewRun = Callable[..., RunRecord]


@pytest.fixture
def full_run(store: Store, new_run: NewRun) -> Callable[[], RunRecord]:
    """`full_run()`: a run with rows in every table, and 1,000 bytes of files."""

    def make() -> RunRecord:
        run = new_run()
        store.add_event(run.id, 0, "started", "", "Ada")
        metrics.append(store, run.id, 1, ["loss"], [[1], [2]])
        point_series.record(store, run.id, 0, {"distance": 1.0})
        edits.tag(store, [run.id], ["tag"])
        with store.database.writing() as connection:
            waited = {"id": run.id, "place": 0, "name": "", "workflow_text": "", "who": "", "created": 0}
            connection.execute(insert(schema.queue).values(**waited, state="started", run=run.id))
        checkpoint = store.files(run.id).checkpoint_folder(2)
        checkpoint.mkdir()
        (checkpoint / "weights.safetensors").write_bytes(bytes(1000))
        return run

    return make


def rows(store: Store) -> dict[str, int]:
    """The number of rows of each table that has some, but for the version."""
    with store.database.reading() as connection:
        counts = {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in schema.metadata.sorted_tables
        }
    del counts["schema_version"]
    return {name: number for name, number in counts.items() if number}


def left(store: Store) -> list[str]:
    return sorted(path.name for path in (store.home / "runs").iterdir())


def test_a_deleted_run_leaves_no_row_and_no_file(store: Store, full_run: Callable[[], RunRecord]) -> None:
    kept, doomed, also = full_run(), full_run(), full_run()
    before = rows(store)
    assert delete_runs(store, [doomed.id, also.id, doomed.id]) == 2000
    assert rows(store) == {name: number // 3 for name, number in before.items()}
    assert len(before) == 7
    assert left(store) == [kept.id]
    with pytest.raises(UnknownRun):
        store.run(doomed.id)


def test_forks_stay_with_the_step_at_which_they_began(store: Store, new_run: NewRun) -> None:
    parent = new_run()
    fork = new_run(parent=parent.id, parent_step=20)
    delete_runs(store, [parent.id])
    found = store.run(fork.id)
    assert (found.parent, found.parent_step, found.step) == (None, 20, 20)


def test_an_unknown_run_or_one_that_a_living_process_holds_keeps_all_of_them(
    store: Store, full_run: Callable[[], RunRecord]
) -> None:
    free, held = full_run(), full_run()
    before = rows(store)
    with pytest.raises(UnknownRun, match="20200101-000000-00000000"):
        delete_runs(store, [free.id, "20200101-000000-00000000"])
    holds = f"{held.id}.*process {os.getpid()} on .* has it"
    with RunLock(store.files(held.id)), pytest.raises(RunInUse, match=holds) as no:
        delete_runs(store, [free.id, held.id])
    # The server that says so is not to be ended.
    assert "(this one)" in str(no.value) and "end that process" not in str(no.value)
    assert (rows(store), left(store)) == (before, sorted([free.id, held.id]))
    # The lock of a process that has ended holds nothing.
    store.files(held.id).lock.write_text(json.dumps({"pid": 999_999_999, "host": socket.gethostname()}))
    delete_runs(store, [held.id])


def test_of_a_run_that_is_resumed_meanwhile_it_is_said_that_those_before_it_are_deleted(
    store: Store, full_run: Callable[[], RunRecord], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = full_run(), full_run()
    monkeypatch.setattr(deletion, "require_free", lambda *_: RunLock(store.files(second.id)).acquire())
    with pytest.raises(RunInUse, match=f"{second.id}.*was not deleted, though those before it were: process"):
        delete_runs(store, [first.id, second.id])
    assert left(store) == [second.id]


def test_a_run_whose_files_are_gone_is_deleted(store: Store, full_run: Callable[[], RunRecord]) -> None:
    run = full_run()
    (store.home / "runs").rename(store.home / "moved")
    assert delete_runs(store, [run.id]) == 0
    assert rows(store) == {}


def test_a_run_is_whole_if_its_folder_cannot_be_written(
    store: Store, full_run: Callable[[], RunRecord], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = full_run()
    before = rows(store)

    def refuse(path: Path, content: bytes) -> None:
        raise CannotWrite(str(path), "the folder is read-only")

    monkeypatch.setattr(deletion, "write_atomically", refuse)
    with pytest.raises(CannotWrite, match="read-only"):
        delete_runs(store, [run.id])
    assert (rows(store), left(store)) == (before, [run.id])


@pytest.mark.parametrize(
    ("killed_when", "exists"),
    [
        ("marked", True),
        ("rows deleted", True),
        ("committed", False),
        ("renamed", False),
        ("half of the files deleted", False),
    ],
)
@sqlite_only
def test_a_killed_deletion_leaves_a_whole_run_or_none_and_the_next_one_clears_up(
    store: Store, full_run: Callable[[], RunRecord], killed_when: str, exists: bool
) -> None:
    run, other = full_run(), full_run()
    before = rows(store)
    deletion_killed_in(store, run.id, killed_when)
    if exists:
        assert (rows(store), store.files(run.id).disk_used()) == (before, 1000)
    else:
        assert rows(store) == {name: number // 2 for name, number in before.items()}
    assert left(store) != sorted([run.id, other.id])
    delete_runs(store, [other.id])
    assert [name for name in left(store) if name[0] != "."] == [run.id] * exists
    if exists:
        # Once no process can be about to go on, the mark is dropped; and the run can be deleted again.
        os.utime(store.home / "runs" / f"{deletion.MARK}{run.id}", (0, 0))
        clear_leftovers(store)
        assert left(store) == [run.id]
        assert delete_runs(store, [run.id]) == 1000
    assert (rows(store), left(store)) == ({}, [])


def test_what_a_killed_import_left_is_cleared_and_one_under_way_is_not(store: Store) -> None:
    old, new = (store.home / "runs" / f"{importing.HIDDEN}{name}" for name in ("old", "new"))
    for folder in (old, new):
        (folder / "uploads").mkdir(parents=True)
    os.utime(old, (0, 0))
    clear_leftovers(store)
    assert [each.exists() for each in (old, new)] == [False, True]


def deletion_killed_in(store: Store, run: str, place: str) -> None:
    """Delete a run in a process of its own, which kills itself at a place of the deletion."""
    child = os.fork()
    if child:
        assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
        return
    real_rows, real_remove = deletion.delete_rows, shutil.rmtree
    calls = count(1)

    def kill(*_: object, **__: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def rows_then_kill(*args: Any) -> None:
        real_rows(*args)
        kill()

    def second_time(*_: object, **__: object) -> None:
        # The first time is the check before anything is changed.
        if next(calls) == 2:
            kill()

    def half(folder: Path, **_: object) -> None:
        real_remove(folder / "grids")
        kill()

    replaced: dict[str, Any] = {
        "marked": ("_require_free", second_time),
        "rows deleted": ("delete_rows", rows_then_kill),
        "committed": ("_remove_files", kill),
        "renamed": ("shutil", SimpleNamespace(rmtree=kill)),
        "half of the files deleted": ("shutil", SimpleNamespace(rmtree=half)),
    }
    setattr(deletion, *replaced[place])
    try:
        with Store(store.home, store.database._url) as own:
            delete_runs(own, [run])
    finally:
        # Were it not killed, the child would go on with the tests.
        os._exit(1)
