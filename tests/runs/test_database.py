"""One SQLite file, several processes and threads, disks that cannot be written, and files that go away."""

import gc
import json
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from pipeline.errors.machine import CannotWrite, DatabaseGone, DatabaseUnusable, NewerDatabase, UnusableDatabaseUrl
from pipeline.runs import metrics
from pipeline.runs.migrations import NEWEST
from pipeline.runs.store import RunRecord, Store
from tests.runs.databases import sqlite_only


def python(script: str, *arguments: object) -> "subprocess.Popen[str]":
    """Run `script` in another process of this package, with warnings as errors."""
    command = [sys.executable, "-W", "error", "-c", script, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


CREATE = """
import sys, pathlib
from pipeline.runs.store import Store
home = pathlib.Path(sys.argv[1])
with Store(home, f"sqlite:///{home}/genscope.sqlite") as store:
    for i in range(5):
        store.create(name=str(i), workflow_text="{}", device="cpu", seed=0, total_steps=1, batch_size=1,
                     train_images=1, who="")
"""


def test_processes_that_open_a_new_home_at_the_same_time_all_find_its_tables(tmp_path: Path):
    processes = [python(CREATE, tmp_path) for _ in range(4)]
    for process in processes:
        _, complaints = process.communicate(timeout=120)
        assert process.returncode == 0, complaints
    with Store(tmp_path, f"sqlite:///{tmp_path}/genscope.sqlite") as store:
        assert len(store.recent()) == 20
        with store.database.reading() as connection:
            assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"


WRITE = """
import sys, pathlib, numpy
from pipeline.runs import metrics
from pipeline.runs.store import Store
home, run = pathlib.Path(sys.argv[1]), sys.argv[3]
with Store(home, sys.argv[2]) as store:
    for step in range(1, 2001, 20):
        metrics.append(store, run, step, ["a", "b"], numpy.arange(step, step + 20)[:, None] * [1, -1])
        store.update(run, step=step + 19)
"""


def test_threads_read_a_consistent_history_while_another_process_writes_it(
    tmp_path: Path, database: str, store: Store, new_run: Callable[..., RunRecord]
):
    run = new_run().id
    writer = python(WRITE, tmp_path, database, run)
    surprises: list[object] = []

    def watch() -> None:
        while writer.poll() is None:
            curves = metrics.history(store, run, ["a", "b"], bands=4096)
            expected = list(range(1, len(curves.steps) + 1))
            if not (list(curves.series["a"].last) == expected == list(-curves.series["b"].last)):
                surprises.append(curves)
            # So that the writer gets time too, on two processors.
            time.sleep(0.05)

    threads = [threading.Thread(target=watch) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    _, complaints = writer.communicate(timeout=120)
    assert writer.returncode == 0, complaints
    assert not surprises
    assert metrics.history(store, run).points == 2000
    assert store.run(run).step == 2000


FILL = """
import json, resource, sys, pathlib, numpy
from pipeline.errors.machine import CannotWrite
from pipeline.runs import metrics
from pipeline.runs.store import Store
home = pathlib.Path(sys.argv[1])
with Store(home, f"sqlite:///{home}/genscope.sqlite") as store:
    run = store.create(name="", workflow_text="{}", device="cpu", seed=0, total_steps=1, batch_size=1,
                       train_images=1, who="").id
    metrics.append(store, run, 1, ["a"], numpy.ones((100, 1)))
    used = max(path.stat().st_size for path in home.iterdir() if path.is_file())
    resource.setrlimit(resource.RLIMIT_FSIZE, (used + 100_000, resource.RLIM_INFINITY))
    sentences = []
    for write in (
        lambda: metrics.append(store, run, 101, ["a"], numpy.ones((1_000_000, 1))),
        lambda: store.files(run).save_grid(5, bytes(10_000_000)),
    ):
        try:
            write()
        except CannotWrite as error:
            sentences.append(str(error))
    left = [path.name for path in store.files(run).folder.rglob("*") if path.is_file()]
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    metrics.append(store, run, 101, ["a"], numpy.ones((10, 1)))
    print(json.dumps([sentences, left, metrics.history(store, run).points]))
"""


def test_a_full_disk_is_reported_and_recorded_data_stays(tmp_path: Path):
    out, complaints = (filled := python(FILL, tmp_path)).communicate(timeout=120)
    assert filled.returncode == 0, complaints
    sentences, left, points = json.loads(out)
    assert "genscope.sqlite cannot be written: the disk is full" in sentences[0]
    assert "step-000000005.png cannot be written: file too large" in sentences[1]
    assert left == []
    assert points == 110


def test_a_file_that_is_not_a_database_is_named(tmp_path: Path):
    (tmp_path / "genscope.sqlite").write_bytes(b"not a database " * 1000)
    with pytest.raises(CannotWrite, match=r"genscope\.sqlite cannot be written: it is not a database"):
        Store(tmp_path, f"sqlite:///{tmp_path}/genscope.sqlite")


def test_a_database_in_a_missing_folder_is_refused(tmp_path: Path):
    with pytest.raises(CannotWrite, match="it cannot be opened"):
        Store(tmp_path, f"sqlite:///{tmp_path}/missing/genscope.sqlite")


def test_an_unknown_kind_of_database_is_refused_without_its_password(tmp_path: Path):
    with pytest.raises(UnusableDatabaseUrl) as refused:
        Store(tmp_path, "nosuch://team:secret@db.example/genscope")
    assert "secret" not in str(refused.value)


def test_an_exception_in_a_transaction_leaves_nothing_behind(store: Store, new_run: Callable[..., RunRecord]):
    run = new_run().id
    with pytest.raises(ZeroDivisionError), store.database.writing() as connection:
        connection.execute(text("UPDATE runs SET step = 99"))
        raise ZeroDivisionError
    assert store.run(run).step == 0


def test_a_closed_store_leaves_no_connection_open(tmp_path: Path):
    store = Store(tmp_path, f"sqlite:///{tmp_path}/genscope.sqlite")
    threads = [threading.Thread(target=store.recent) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    store.close()
    del store
    gc.collect()
    # SQLite removes its log when the last connection is closed.
    assert [path.name for path in tmp_path.iterdir()] == ["genscope.sqlite"]


def change_elsewhere(tmp_path: Path, statement: str) -> None:
    """Let another program change the database."""
    with sqlite3.connect(tmp_path / "genscope.sqlite", timeout=90) as connection:
        connection.execute(statement)
    connection.close()


@sqlite_only
def test_a_deleted_database_is_noticed_before_anything_is_lost_in_it(
    tmp_path: Path, store: Store, new_run: Callable[..., RunRecord]
):
    run = new_run().id
    moved = (tmp_path / "genscope.sqlite").rename(tmp_path / "elsewhere")
    gone = r"genscope\.sqlite is gone: it was deleted or moved while Genscope was using it\. Put it back"
    for use in (store.recent, store.database.check, lambda: store.update(run, step=7), new_run):
        with pytest.raises(DatabaseGone, match=gone):
            use()
    assert not (tmp_path / "genscope.sqlite").exists()
    moved.rename(tmp_path / "genscope.sqlite")
    store.update(run, step=7)
    assert store.run(run).step == 7


@sqlite_only
def test_a_database_that_is_deleted_during_a_write_is_noticed_at_its_end(
    tmp_path: Path, store: Store, new_run: Callable[..., RunRecord]
):
    new_run()
    with pytest.raises(DatabaseGone), store.database.writing() as connection:
        connection.execute(text("UPDATE runs SET step = 99"))
        (tmp_path / "genscope.sqlite").unlink()


@sqlite_only
def test_a_backup_that_is_put_in_its_place_is_opened(tmp_path: Path, store: Store, new_run: Callable[..., RunRecord]):
    run = new_run().id
    with sqlite3.connect(tmp_path / "genscope.sqlite") as whole, sqlite3.connect(tmp_path / "backup") as backup:
        whole.backup(backup)
    whole.close(), backup.close()
    new_run()
    assert len(store.recent()) == 2
    for left in tmp_path.glob("genscope.sqlite*"):
        left.unlink()
    shutil.copy(tmp_path / "backup", tmp_path / "genscope.sqlite")
    assert [record.id for record in store.recent()] == [run]
    store.update(run, step=7)


@sqlite_only
def test_a_database_that_a_newer_version_changes_meanwhile_is_no_longer_written(
    tmp_path: Path, store: Store, new_run: Callable[..., RunRecord]
):
    run = new_run().id
    change_elsewhere(tmp_path, "UPDATE schema_version SET version = 99")
    for use in (store.database.check, lambda: store.update(run, step=7)):
        with pytest.raises(NewerDatabase, match=r"was written by a newer Genscope: .* Update Genscope, or set"):
            use()
    change_elsewhere(tmp_path, f"UPDATE schema_version SET version = {NEWEST}")
    assert store.run(run).step == 0


@pytest.fixture
def locked(tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The database's address, while another process keeps it locked; transactions wait only a moment for it."""
    monkeypatch.setattr("pipeline.runs.database.WAITS_SECONDS", 0.1)
    holder = sqlite3.connect(tmp_path / "genscope.sqlite", isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    yield f"sqlite:///{tmp_path}/genscope.sqlite"
    holder.close()


@sqlite_only
def test_a_locked_database_can_be_opened_and_read_and_a_write_says_what_to_do(
    tmp_path: Path, new_run: Callable[..., RunRecord], store: Store, request: pytest.FixtureRequest
):
    run = new_run().id
    with Store(tmp_path, request.getfixturevalue("locked")) as other:
        other.database.check()
        assert other.run(run).step == 0
        said = r"another process keeps it locked\. End that process, such as a program that shows databases"
        with pytest.raises(CannotWrite, match=said):
            other.update(run, step=7)


@sqlite_only
def test_a_database_that_a_network_file_system_does_not_lock_says_where_to_keep_it(store: Store):
    error = sqlite3.OperationalError("locking protocol")
    error.sqlite_errorcode = sqlite3.SQLITE_PROTOCOL
    sentence = r"cannot be locked, as on many network file systems\. Set GENSCOPE_HOME to a folder on a disk of this"
    with pytest.raises(DatabaseUnusable, match=sentence), store.database.reading():
        raise error
