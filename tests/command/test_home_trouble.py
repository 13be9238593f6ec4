"""A home or a database that cannot be used now: a command says so in a sentence with what to do. Nothing is lost."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.errors.machine import CannotWrite
from pipeline.runs import metrics, network_home
from pipeline.runs.interrupted import mark_interrupted
from pipeline.runs.store import Store
from pipeline.runs.system_series import OF_THE_MACHINE
from tests.read_only import read_only

Run = Callable[..., tuple[int, dict[str, Any], str]]


@contextmanager
def locked(home: Path) -> Iterator[None]:
    """Inside, another process keeps the database locked."""
    with closing(sqlite3.connect(home / "genscope.sqlite", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield


def recorded(home: Path, run: str) -> list[tuple[str, np.ndarray[Any, Any]]]:
    """The values of all series but those of the machine, by step."""
    with Store(home) as store:
        names, rows = metrics.names(store, run), list(metrics.rows(store, run))
    steps, table = (np.concatenate(part) for part in zip(*rows, strict=True))
    columns = [(name, table[:, number]) for number, name in enumerate(names) if name not in OF_THE_MACHINE]
    return [("step", steps), *columns]


def flip_a_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def test_runs_are_listed_though_what_a_job_has_recorded_cannot_be_taken_in(
    run: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise CannotWrite(f"{home}/genscope.sqlite", "the disk is full")

    home.mkdir()
    monkeypatch.setattr("pipeline.command.stores.take_in", full)
    code, facts, said = run("runs")
    assert (code, facts["runs"]) == (0, []) and said.startswith("Warning: ") and "the disk is full" in said


def test_train_on_a_full_disk_pauses_the_run_and_a_resume_loses_nothing(
    run: Run, small: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = ("--set", "training.threads=1", "--set", "samples.every=5")
    whole = run("train", small, *settings)[1]["run"]
    append = metrics.append

    def full(store: Store, of: str, first_step: int, *rest: Any) -> None:
        if first_step > 10:
            raise CannotWrite(f"{home}/genscope.sqlite", "the disk is full")
        append(store, of, first_step, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(metrics, "append", full)
        code, facts, err = run("train", small, *settings)
    assert (code, facts["kind"]) == (1, "RunPaused")
    with Store(home) as store:
        paused = store.recent(1)[0]
        assert paused.state == "paused" and store.events(paused.id)[-1].kind == "stopped"
    assert facts["error"] == (
        f"{home}/genscope.sqlite cannot be written: the disk is full. Free some space or set GENSCOPE_HOME to another "
        f"folder. Run {paused.id} is paused at step 15. It goes on from its last checkpoint, and nothing is lost: "
        f"python -m pipeline train --resume {paused.id}"
    )
    assert "Traceback" not in err
    assert run("train", "--resume", paused.id)[1]["state"] == "finished"
    pairs = zip(recorded(home, whole), recorded(home, paused.id), strict=True)
    assert all(one == other and np.array_equal(left, right, True) for (one, left), (other, right) in pairs)


def test_a_run_that_died_at_its_last_step_is_finished_by_a_resume(
    run: Run, small: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("train", small)
    with Store(home) as store:
        record = store.recent(1)[0]
        store.update(record.id, state="running")
        assert mark_interrupted(store) == [record.id]
    code, facts, _ = run("train", "--resume", "latest")
    assert (code, facts["state"], facts["steps"]) == (0, "finished", 0)
    assert run("train", "--resume", "latest")[1]["kind"] == "RunComplete"


def test_after_a_flipped_bit_train_says_that_it_goes_on_from_the_checkpoint_before(
    run: Run, small: Path, home: Path
) -> None:
    run("train", small, "--steps", 4)
    name = run("train", "--resume", "latest", "--steps", 4)[1]["run"]
    place = home / "runs" / name / "checkpoints"
    flip_a_bit(place / "step-000000008" / "optimizer.pt")
    code, facts, err = run("train", "--resume", "latest", "--steps", 4)
    assert (code, facts["step"]) == (0, 8)
    assert "Resumed at step 4" in err and "The checkpoint of step 8 is damaged (optimizer.pt has changed since" in err
    # With none left that can be used, the run is refused.
    for folder in place.iterdir():
        flip_a_bit(folder / "weights.safetensors")
    code, facts, _ = run("train", "--resume", "latest", "--steps", 4)
    assert (code, facts["kind"]) == (2, "NoCheckpoint")
    assert f"Run {name} has no usable checkpoint: that of step 8 is damaged (weights.safetensors has" in facts["error"]
    assert facts["error"].endswith("Bring one back from a backup, or start it again.")


def test_a_url_that_names_no_database_is_refused(run: Run, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for url in ("wr0ng", "mysql://ada@host/runs", "postgresql://ada@host:port/runs"):
        monkeypatch.setenv("GENSCOPE_DATABASE_URL", url)
        code, facts, _ = run("runs")
        assert (code, facts["kind"]) == (2, "UnusableDatabaseUrl")


def test_what_a_job_has_recorded_is_taken_in_later_if_it_cannot_be_now(
    run: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.mkdir()
    (home / "jobs").mkdir()

    def fail(path: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", fail)
    code, _, err = run("runs")
    said = f"Warning: What jobs have recorded is taken in later: {home}/jobs cannot be written: permission denied."
    assert code == 0 and said in err


def test_a_locked_database_is_read_and_a_command_that_writes_says_what_to_do(
    run: Run, small: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.runs.database.WAITS_SECONDS", 0.1)
    run("train", small, "--steps", 1)
    with locked(home):
        assert len(run("runs")[1]["runs"]) == 1
        code, facts, err = run("train", small, "--steps", 1)
    assert (code, facts["kind"]) == (1, "CannotWrite")
    assert "another process keeps it locked. End that process" in err and "Traceback" not in err


def test_the_database_of_a_newer_version_is_named_with_what_to_do(run: Run, home: Path) -> None:
    home.mkdir()
    run("runs")
    with closing(sqlite3.connect(home / "genscope.sqlite")) as other, other:
        other.execute("UPDATE schema_version SET version = 99")
    code, facts, err = run("runs")
    assert (code, facts["kind"]) == (1, "NewerDatabase")
    assert "Update Genscope, or set GENSCOPE_HOME to another folder" in err and "Traceback" not in err


def test_a_read_only_home_is_reported(run: Run, home: Path) -> None:
    home.mkdir()
    run("runs")
    with read_only(home):
        code, facts, err = run("runs")
    assert (code, facts["kind"]) == (1, "CannotWrite")
    assert f"{home} cannot be written: the folder is read-only for this user. Set GENSCOPE_HOME to" in err


def test_a_database_on_a_network_file_system_is_warned_of(
    run: Run, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mounts").write_text(f"server:/export {tmp_path} nfs4 rw 0 0\n")
    monkeypatch.setattr(network_home, "MOUNTS", tmp_path / "mounts")
    home.mkdir()
    code, facts, err = run("runs")
    assert (code, facts["runs"]) == (0, [])
    assert err.startswith(f"Warning: The database {home}/genscope.sqlite is on a network file system (nfs4)")
