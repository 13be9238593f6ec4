"""A home or a database that cannot be used now: every page says so in a sentence, and is itself again afterwards."""

import resource
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from pages.components.shell import state
from pipeline.graph.workflow import Workflow
from pipeline.runs import network_home
from pipeline.runtime.handle import TrainerHandle
from pipeline.studio.run import training
from tests.pages.conftest import Browser, WaitFor

TRAIN = "pages/2_Train.py"
PAGES = ["Home.py", "pages/1_Workflow.py", TRAIN, "pages/3_Inspect.py", "pages/6_Runs.py"]
SHORTEST = 24 * 1024
"""Bytes: the database has more, and a checkpoint too."""


@pytest.fixture(scope="module", autouse=True)
def _short_waits() -> Iterator[None]:
    """The server waits only a moment for a locked database."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipeline.runs.database.WAITS_SECONDS", 0.2)
        yield


@pytest.fixture
def database(run: str, shared_home: Path) -> Path:
    """The database of a home with one paused run."""
    return shared_home / "genscope.sqlite"


def test_a_deleted_database_is_a_sentence_on_every_page_until_it_is_back(
    database: Path, run: str, browser: Browser
) -> None:
    browser.open(TRAIN, run=run)
    assert not browser.errors
    moved = database.rename(database.with_name("moved"))
    try:
        for page in PAGES:
            browser.open(page, **({"run": run} if page == TRAIN else {}))
            assert browser.errors.count(f"The database {database} is gone: it was deleted or moved while Genscope") == 1
            assert "Put it back, from a backup if need be" in browser.errors
        assert not database.exists()
    finally:
        moved.rename(database)
    browser.open(TRAIN, run=run)
    assert not browser.errors and browser.has("run")


def test_a_fragment_that_finds_the_database_gone_leaves_a_sentence(
    database: Path, run: str, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between two looks of the page at the database, what it polls may find it gone first."""
    monkeypatch.setattr("pages.components.shell.home_trouble.usable_store", lambda now: None)
    monkeypatch.setattr(state, "CHECK_SECONDS", 0.0)
    moved = database.rename(database.with_name("moved"))
    try:
        assert "is gone: it was deleted or moved" in browser.open(TRAIN, run=run).errors
    finally:
        moved.rename(database)


def test_a_database_of_a_newer_version_is_a_sentence_on_every_page(database: Path, run: str, browser: Browser) -> None:
    with closing(sqlite3.connect(database, timeout=90, isolation_level=None)) as other:
        ((version,),) = other.execute("SELECT version FROM schema_version").fetchall()
        other.execute("UPDATE schema_version SET version = 99")
        try:
            for page in PAGES:
                assert "was written by a newer Genscope" in browser.open(page).errors
        finally:
            other.execute("UPDATE schema_version SET version = ?", (version,))
    assert not browser.open(TRAIN, run=run).errors


def test_pages_show_a_locked_database_and_a_click_that_writes_says_what_to_do(
    database: Path, run: str, browser: Browser, another_browser: Browser
) -> None:
    browser.open(TRAIN, run=run)
    with closing(sqlite3.connect(database, timeout=90, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        browser.click("pin")
        assert "another process keeps it locked. End that process" in browser.errors
        assert not another_browser.open(TRAIN, run=run).errors
    browser.click("pin")
    assert not browser.errors


def test_a_run_that_cannot_be_written_is_paused_with_the_reason_and_run_goes_on(
    run: str, trainer: TrainerHandle, browser: Browser, small: Callable[..., Workflow], wait_for: WaitFor
) -> None:
    browser.open(TRAIN, run=run)
    pid, before = trainer.snapshot.pid, trainer.snapshot.step
    limits = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    # As on a full disk, the engine can write nothing more.
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (SHORTEST, limits[1]))
    try:
        browser.click("run")
        wait_for(lambda: trainer.snapshot.stop_kind == "cannot write")
        browser.look()
        assert browser.state == "paused" and browser.errors.startswith(f"Paused at step {trainer.snapshot.step}. ")
        assert "cannot be written: " in browser.errors
        assert browser.errors.endswith("Then press Run: nothing is lost.")
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, limits)
    paused = trainer.snapshot.step
    browser.click("run")
    wait_for(lambda: trainer.snapshot.step > paused + 50)
    browser.look()
    assert browser.state == "running" and not browser.errors
    training.pause(trainer, trainer.snapshot, "Ada")
    assert before < paused


def test_home_warns_of_a_database_on_a_network_file_system(
    shared_home: Path, trainer: TrainerHandle, browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mounts").write_text(f"server:/export {shared_home.parent} nfs4 rw 0 0\n")
    monkeypatch.setattr(network_home, "MOUNTS", tmp_path / "mounts")
    assert "is on a network file system (nfs4), where SQLite can lose or damage it" in browser.open("Home.py").words
