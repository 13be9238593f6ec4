"""What a worker on another machine records, as the home has it in the end."""

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from pipeline.errors.jobs import JobExists, JobNotPrepared, UnusableJobName, WorkerRecordsRunsOnly
from pipeline.errors.runs import UnknownRun
from pipeline.runs import edits, metrics, point_series
from pipeline.runs.discarding import discard
from pipeline.runs.interrupted import mark_interrupted
from pipeline.runs.lock import RunLock
from pipeline.runs.remote import job_folder
from pipeline.runs.remote.job_folder import JobFolder, records_remotely, worker_url
from pipeline.runs.remote.periodic_taking_in import TakingIn
from pipeline.runs.remote.preparing import prepare
from pipeline.runs.remote.taking_in import take_in
from pipeline.runs.store import RunRecord, Store
from tests.conftest import WaitFor
from tests.runs.remote.conftest import JOB, rows

NewRun = Callable[..., RunRecord]


def test_everything_that_a_worker_records_arrives(store: Store, run: str, worker: Store) -> None:
    metrics.append(worker, run, 1, ["loss", "seconds"], np.arange(10_000, dtype=np.float32).reshape(-1, 2))
    point_series.record(worker, run, 5000, {"distance": 0.5, "recall": math.nan})
    metrics.append(worker, run, 4001, ["loss", "other"], [[math.nan, math.inf]] * 300)
    metrics.truncate(worker, run, 4200)
    point_series.record(worker, run, 4200, {"distance": 0.25})
    worker.update(run, state="running", step=4200, seconds=1.5, processes=4, job="17", data={"mean": math.nan})
    worker.add_event(run, 4200, "failed", "It \u2014 stopped.", "", {"loss": math.nan})
    assert take_in(store).files == 7
    assert str(rows(store)) == str(rows(worker))
    assert metrics.history(store, run).points == 4200
    assert (store.run(run).processes, store.run(run).job) == (4, "17")


def test_old_rows_that_become_points_arrive(store: Store, run: str) -> None:
    metrics.append(store, run, 1, ["loss", "checkup"], [[1, math.nan], [2, 5], [3, 5], [4, 6]])
    prepare(store, "old", [run])
    with Store(store.home, worker_url(store.home, "old", remotely=True)) as worker:
        point_series.convert(worker, run, ["checkup"])
        take_in(store)
        assert str(rows(store)) == str(rows(worker))
    assert point_series.read(store, run, ["checkup"])["checkup"].values.tolist() == [5, 6]


def test_a_worker_has_what_was_recorded_before_and_starts_forks_and_new_runs(
    store: Store, new_run: NewRun, tmp_path: Path
) -> None:
    oldest = new_run(name="oldest").id
    parent = new_run(parent=oldest, parent_step=3).id
    metrics.append(store, parent, 4, ["loss"], [[step] for step in range(5000)])
    store.add_event(parent, 9, "paused", "", "Ada", {"at": 9})
    prepare(store, "fork", [parent])
    with Store(store.home, worker_url(store.home, "fork", remotely=True)) as worker:
        assert worker.run(parent) == store.run(parent)
        assert worker.run(oldest) == store.run(oldest)
        assert worker.events(parent) == store.events(parent)
        assert metrics.history(worker, parent).points == 5000
        fork = worker.create(**facts(parent=parent, parent_step=5003))
        new = worker.create(**facts(data={"images": 3}))
        gone = worker.create(**facts())
        metrics.append(worker, fork.id, 5004, ["loss"], [[1.0]])
        discard(worker, gone.id)
        take_in(store)
        assert [store.run(each.id) for each in (fork, new)] == [fork, new]
        assert metrics.names(store, fork.id) == ["loss"]
        with pytest.raises(UnknownRun):
            store.run(gone.id)


def facts(**changes: object) -> dict[str, object]:
    usual = {"name": "", "workflow_text": "{}", "device": "cpu", "seed": 0, "total_steps": 9, "batch_size": 1}
    return {**usual, "train_images": 1, "who": "", **changes}


def test_what_users_change_meanwhile_stays(store: Store, run: str, worker: Store) -> None:
    edits.rename(store, run, "the good one")
    edits.tag(store, [run], ["paper"])
    edits.set_note(store, [run], "keep")
    worker.update(run, step=7, state="finished")
    take_in(store)
    found = store.run(run)
    assert (found.name, found.note, found.step, found.state) == ("the good one", "keep", 7, "finished")


def test_a_worker_refuses_what_the_home_would_not_hear_of(store: Store, run: str, worker: Store) -> None:
    with pytest.raises(WorkerRecordsRunsOnly):
        edits.tag(worker, [run], ["paper"])
    worker.update(run, step=1)
    assert take_in(store).files == 1
    assert take_in(worker).files == 0


def test_a_run_that_ended_elsewhere_is_not_taken_for_interrupted(store: Store, run: str, worker: Store) -> None:
    with RunLock(worker.files(run)):
        worker.update(run, state="running", step=5)
        take_in(store)
        worker.update(run, state="finished", step=9)
    assert store.run(run).state == "running"
    assert mark_interrupted(store) == []
    assert (store.run(run).state, store.run(run).step) == ("finished", 9)


def test_the_server_takes_in_what_workers_record(store: Store, run: str, worker: Store, wait_for: WaitFor) -> None:
    taking_in = TakingIn(store)
    worker.update(run, step=5)
    wait_for(lambda: store.run(run).step == 5)
    taking_in.close()


def test_only_a_worker_on_another_machine_has_a_database_of_its_own(
    store: Store, job: JobFolder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("GENSCOPE_DATABASE_URL", raising=False)
    assert worker_url(store.home, JOB) == ""
    monkeypatch.setattr(job_folder, "_BOOT", tmp_path / "none")
    assert worker_url(store.home, JOB) == f"sqlite:///{job.database}"
    monkeypatch.setenv("GENSCOPE_DATABASE_URL", "postgresql://host/runs")
    assert not records_remotely(store.home, JOB)


def test_the_folder_of_a_job_is_private_and_made_once_and_whole(store: Store, job: JobFolder) -> None:
    assert job.folder.stat().st_mode & 0o077 == 0
    with pytest.raises(JobExists, match="has a job 'nightly' already"):
        prepare(store, JOB)
    with pytest.raises(UnknownRun):
        prepare(store, "other", ["20200101-000000-00000000"])
    assert [path.name for path in job.folder.parent.iterdir()] == [JOB]
    with pytest.raises(JobNotPrepared, match=r"The job 'other' was not prepared in /.*GENSCOPE_HOME on a file system"):
        worker_url(store.home, "other", remotely=True)


@pytest.mark.parametrize("name", ["", "../out", "/etc", ".hidden", "a b", "x" * 101])
def test_a_name_that_is_no_folder_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(UnusableJobName, match="cannot be the name of a job"):
        JobFolder(tmp_path, name)
