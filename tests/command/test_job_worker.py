"""What a task of a job runs, in this process: it goes on after kills, on other machines, and says how it ended."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.command import job_worker
from pipeline.command.answer import CommandResult
from pipeline.command.job_worker import JobWorker
from pipeline.engine.job_stop import NOTICE
from pipeline.launch.jobs import WORKFLOW, Job, make_job
from pipeline.launch.states import state_of
from pipeline.runs import lock, metrics
from pipeline.runs.home import home as make_home
from pipeline.runs.remote.taking_in import take_in
from pipeline.runs.store import Store

Run = Callable[..., tuple[int, dict[str, Any], str]]
Make = Callable[..., Job]
SET_BY_A_TASK = ("RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT", "GENSCOPE_JOB",
                 "GENSCOPE_DATABASE_URL")  # fmt: skip


@pytest.fixture
def task(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """The environment of the only task of a job, as submitit sets it; what the task changes is undone."""
    before = Path.cwd()
    for name in SET_BY_A_TASK:
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    for name, value in {"EXECUTOR": "local", "LOCAL_JOB_ID": str(os.getpid()), "LOCAL_NTASKS": "1",
                        "LOCAL_JOB_NUM_NODES": "1", "LOCAL_GLOBALID": "0", "LOCAL_LOCALID": "0"}.items():  # fmt: skip
        monkeypatch.setenv(f"SUBMITIT_{name}", value)
    yield
    os.chdir(before)


@pytest.fixture
def make(small: Path, home: Path) -> Make:
    """`make(goal=5)`: a job that trains the small workflow, recorded and not submitted."""

    def make(**facts: Any) -> Job:
        with Store(make_home()) as store:
            given = {"arguments": (), "name": "small", "cluster": "local", "processes": 1}
            return make_job(store, workflow=small.read_text(), **(given | facts))

    return make


def worked(job: Job, monkeypatch: pytest.MonkeyPatch) -> Job:
    """Run the job's task once, and leave its environment."""
    with monkeypatch.context() as patch:
        for name in SET_BY_A_TASK:
            patch.setenv(name, "")
            patch.delenv(name)
        JobWorker(job.home, job.id)()
    return job


def test_a_job_trains_to_its_goal_and_a_second_start_finds_that_it_is_complete(
    task: None, make: Make, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = worked(make(goal=5), monkeypatch)
    assert (job.note("ended")["outcome"], state_of(job, {}).word) == ("done", "done")
    (job.path / "ended.json").unlink()
    worked(job, monkeypatch)
    assert job.note("ended")["outcome"] == "done"
    with Store(home) as store:
        (record,) = store.recent()
        assert (record.step, record.job) == (5, job.id)


def test_a_job_whose_run_is_paused_before_its_goal_says_so(
    task: None, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped = "Paused by Ada at step 3."
    monkeypatch.setattr("pipeline.command.train.train", lambda *_: CommandResult({"run": "", "stopped": stopped}, ""))
    state = state_of(worked(make(goal=5), monkeypatch), {})
    assert (state.word, state.reason, state.over) == ("paused", stopped, True)


def test_after_a_kill_a_job_takes_the_lock_of_its_dead_leader_and_goes_on_to_the_same_goal(
    task: None, make: Make, home: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = make(goal=9)
    monkeypatch.setenv("GENSCOPE_JOB", job.id)
    begun = run("train", job.path / WORKFLOW, "--steps", 4)[1]["run"]
    # Its leader was on another machine, so that nobody can tell from here that it has died.
    job.write("started", host="node7", pid=77)
    with Store(home) as store:
        store.files(begun).lock.write_text('{"pid": 77, "host": "node7", "started": null}')
        found = lock.holder(store.files(begun))
        assert found is not None and found.alive
        worked(job, monkeypatch)
        assert (store.run(begun).step, len(store.recent())) == (9, 1)


def test_a_notice_saves_the_run_and_hands_over_to_submitit(
    task: None, make: Make, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job, told = make(goal=1_000_000), []
    before = signal.signal(NOTICE, lambda number, frame: told.append(frame))
    someone = threading.Timer(1.0, os.kill, [os.getpid(), NOTICE])
    someone.start()
    worked(job, monkeypatch)
    someone.cancel()
    signal.signal(NOTICE, before)
    assert told == [None] and not job.note("ended"), "submitit was called once, after the run was saved"
    with Store(home) as store:
        record = store.run(job.note("run")["id"])
        assert record.state == "paused" and store.files(record.id).checkpoints()[-1][0] == record.step
    again = JobWorker(job.home, job.id).checkpoint()
    assert isinstance(again.function, JobWorker) and again.function.job == job.id


def test_a_job_that_was_cancelled_meanwhile_trains_nothing(
    task: None, make: Make, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = make(goal=5)
    job.write("cancelled", who="Ada")
    worked(job, monkeypatch)
    assert (state_of(job, {}).word, state_of(job, {}).reason) == ("cancelled", "Cancelled by Ada.")
    with Store(home) as store:
        assert store.recent() == []


def test_a_task_that_follows_opens_no_database_and_ends_with_its_leader_and_none_begins_for_a_cancelled_job(
    task: None, make: Make, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = make(goal=5, processes=2)
    codes = iter((143, 3))
    monkeypatch.setattr(job_worker, "take_part", lambda lead: CommandResult({}, "", next(codes)))
    monkeypatch.setattr(job_worker, "open_store", None)
    for name in ("LOCAL_NTASKS", "LOCAL_GLOBALID"):
        monkeypatch.setenv(f"SUBMITIT_{name}", "2" if name == "LOCAL_NTASKS" else "1")
    worked(job, monkeypatch)
    with pytest.raises(SystemExit) as ended:
        worked(job, monkeypatch)
    assert ended.value.code == 3
    job.write("cancelled", who="Ada")
    worked(job, monkeypatch)
    assert not job.note("ended") and next(codes, None) is None


def test_a_refusal_ends_the_task_with_its_exit_code_and_is_the_reason_of_the_job(
    task: None, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = make(arguments=("--set", "training.total_steps=none"))
    with pytest.raises(SystemExit) as ended:
        worked(job, monkeypatch)
    assert ended.value.code == 2 and state_of(job, {}).word == "failed"
    assert "total_steps" in state_of(job, {}).reason or "Total steps" in state_of(job, {}).reason


def test_on_another_machine_a_task_records_apart_and_the_home_has_the_same_losses_as_of_a_run_of_its_own(
    task: None,
    make: Make,
    home: Path,
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    job = make(goal=6)
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr("pipeline.runs.remote.job_folder.this_machine", lambda: "node7")
        worked(job, monkeypatch)
    capfd.readouterr()
    with Store(home) as store:
        assert store.recent() == [], "SQLite of the home was not opened there"
        take_in(store)
        (sent,) = store.recent()
        own = run("train", job.path / WORKFLOW, "--steps", 6)[1]["run"]
        for name in ("D_loss", "G_loss", "diversity"):
            first, second = (metrics.history(store, each, [name]).series[name].last for each in (sent.id, own))
            np.testing.assert_array_equal(first, second)
        assert (sent.step, sent.job, len(first)) == (6, job.id, 6)
