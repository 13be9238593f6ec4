"""The state of a job, from its notes and the queue's answer."""

import os
from collections.abc import Callable
from typing import Any

import psutil
import pytest

from pipeline.errors.launch import NotCancelled
from pipeline.launch import slurm
from pipeline.launch.cancelling import cancel
from pipeline.launch.jobs import Job, make_job
from pipeline.launch.logs import logs_of
from pipeline.launch.slurm import QueueRow
from pipeline.launch.states import REASONS, state_of
from pipeline.runs.store import Store

Make = Callable[..., Job]


@pytest.fixture
def make(store: Store) -> Make:
    """`make("slurm")`: a job in the queue as number 7."""

    def make(cluster: str = "slurm", **queued: Any) -> Job:
        job = make_job(store, arguments=(), name="digits", cluster=cluster, processes=2)
        job.write("queued", **{"id": "7", **queued})
        return job

    return make


@pytest.mark.parametrize(
    ("row", "word", "reason"),
    [
        (QueueRow("PENDING", "Priority", ""), "waiting", f"It waits {REASONS['Priority']}."),
        (QueueRow("PENDING", "Licenses", ""), "waiting", "Slurm's reason: Licenses."),
        (QueueRow("REQUEUE_HOLD", "", ""), "waiting", "Slurm says: requeue hold."),
        (QueueRow("PENDING", "", ""), "waiting", ""),
        (QueueRow("RUNNING", "", "node3"), "running", ""),
        (QueueRow("SUSPENDED", "", "node3"), "running", "Slurm says: suspended."),
        (QueueRow("COMPLETED", "", "node3"), "done", ""),
        (QueueRow("OUT_OF_MEMORY", "", "node3"), "failed", "Slurm says: out of memory."),
        (QueueRow("CANCELLED", "", ""), "cancelled", "It was cancelled in Slurm."),
        (None, "failed", "The queue no longer has it, and it left no last word: its logs may say why."),
    ],
)
def test_slurms_states_in_words(row: QueueRow | None, word: str, reason: str, make: Make) -> None:
    found = state_of(make(), {} if row is None else {"7": row})
    assert (found.word, found.reason) == (word, reason)


def test_a_job_that_began_and_waits_again_is_requeued_and_what_it_noted_last_counts_most(make: Make) -> None:
    job, waits = make(), {"7": QueueRow("PENDING", "BeginTime", "")}
    job.write("started", pid=1)
    assert state_of(job, waits).word == "requeued"
    job.write("ended", outcome="failed", sentence="D_loss is NaN.")
    assert (state_of(job, None).word, state_of(job, None).reason) == ("failed", "D_loss is NaN.")


def test_a_job_that_was_cancelled_says_so_until_it_has_ended(make: Make) -> None:
    job = make()
    job.write("cancelled", who="Ada")
    found = state_of(job, {"7": QueueRow("RUNNING", "", "node3")})
    assert (found.word, found.reason) == ("running", "Cancelled by Ada. It has not ended yet.")
    assert state_of(job, {"7": QueueRow("CANCELLED", "", "")}).reason == "Cancelled by Ada."


@pytest.mark.parametrize(
    ("note", "sentence"),
    [
        ({"id": "7", "host": "node9"}, "it was started on node9. Cancel it there."),
        ({}, "it is still being submitted. Try again in a minute."),
    ],
)
def test_a_job_that_cannot_be_reached_from_here_is_not_cancelled(
    note: dict[str, str], sentence: str, make: Make
) -> None:
    job = make("local", **note)
    if not note:
        (job.path / "queued.json").unlink()
    with pytest.raises(NotCancelled, match=f"The job {job.id} was not cancelled: {sentence}"):
        cancel(job, "Ada", {})
    assert not job.note("cancelled")


def test_a_queue_that_does_not_answer_leaves_the_state_unknown(make: Make) -> None:
    assert state_of(make(), None).word == "unknown"


def test_a_job_on_this_machine_runs_as_long_as_its_process_which_is_not_another_with_its_number(make: Make) -> None:
    began = psutil.Process().create_time()
    running = make("local", id=str(os.getpid()), began=began)
    assert state_of(running, {}).word == "waiting"
    running.write("started", pid=1)
    assert state_of(running, {}).word == "running"
    assert state_of(make("local", id=str(os.getpid()), began=began - 1000), {}).word == "failed"
    assert state_of(make("local", id="nothing", began="never"), {}).word == "failed"
    assert state_of(make("local", id="7", host="node9"), {}).word == "unknown"


def test_slurm_that_is_silent_or_answers_nonsense_is_no_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    for name, script in {"squeue": "printf '|\\n7\\n8|RUNNING\\n\\377|x\\n'", "sinfo": "sleep 9"}.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setattr(slurm, "PATIENCE_SECONDS", 0.3)
    assert slurm.partitions() == ()
    rows = slurm.queue()
    assert rows is not None and rows["8"] == QueueRow("RUNNING", "", "") and rows["7"].state == ""
    (tmp_path / "squeue").write_text("#!/bin/sh\nexit 1\n")
    assert slurm.queue() is None


def test_as_many_lines_of_a_log_are_read_as_are_asked_for(make: Make) -> None:
    job = make()
    (job.path / "7_1_log.err").write_text("".join(f"step {number} of 10,000\n" for number in range(10_000)))
    assert [len(log.lines) for log in logs_of(job, 10_000) if log.lines] == [10_000]


def test_logs_are_read_from_their_end_whatever_is_in_them(make: Make) -> None:
    job = make()
    (job.path / "7_0_log.out").write_bytes(b"x" * 200_000 + b"\nfirst\rsecond\n\xff\x00\n")
    found = {(log.task, log.stream): log.lines for log in logs_of(job, 2)}
    assert found == {(0, "stdout"): ("second", "\ufffd\x00"), (0, "stderr"): (), (1, "stdout"): (), (1, "stderr"): ()}
