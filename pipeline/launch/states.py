"""The state of a job, in words: from the notes in its folder and, while it has not ended, from the queue's answer."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from pipeline.launch import local_jobs
from pipeline.launch.jobs import Job
from pipeline.launch.slurm import RUNS, WAITS, QueueRow

Word = Literal["waiting", "running", "requeued", "done", "paused", "failed", "cancelled", "unknown"]
UNDER_WAY: tuple[Word, ...] = ("waiting", "running", "requeued")
OVER: tuple[Word, ...] = ("done", "paused", "failed", "cancelled")
SUBMITTING_SECONDS = 60.0
REASONS: Mapping[str, str] = {
    "Resources": "until nodes are free",
    "Priority": "until jobs of higher priority have started",
    "QOSMaxJobsPerUserLimit": "until another job of this user has ended",
    "PartitionTimeLimit": "in vain: the partition allows no job of this length",
    "PartitionNodeLimit": "in vain: the partition allows no job of so many nodes",
    "ReqNodeNotAvail": "for nodes that are out of service or reserved",
    "BeginTime": "until its start time; a job that was queued again starts two minutes later",
    "JobHeldUser": "in vain: it is held. Release it with scontrol release",
    "JobHeldAdmin": "in vain: an administrator holds it",
    "AssocGrpCpuLimit": "until the account's other jobs need fewer cores",
    "AssocGrpGRES": "until the account's other jobs need fewer GPUs",
}
"""Slurm's reasons, after "waits"; others are shown as Slurm writes them."""

Rows = Mapping[str, QueueRow] | None


@dataclass(frozen=True)
class JobState:
    """What a job does. reason: why it waits, or why it ended, as a sentence; "" if there is nothing to say. since: when
    that began, in seconds since 1970. where: its nodes."""

    word: Word
    reason: str = ""
    since: float = 0.0
    where: str = ""

    @property
    def over(self) -> bool:
        """Whether it will not run again."""
        return self.word in OVER


def state_of(job: Job, rows: Rows) -> JobState:
    """The state of a job. rows: the queue's answer about this user's jobs; None if it does not answer."""
    if ended := job.note("ended"):
        words: dict[str, Word] = {"done": "done", "paused": "paused", "cancelled": "cancelled"}
        word = words.get(str(ended.get("outcome")), "failed")
        return JobState(word, str(ended.get("sentence", "")), _time(ended), str(ended.get("host", "")))
    if not job.note("queued"):
        if time.time() - job.created < SUBMITTING_SECONDS:
            return JobState("waiting", "It is being submitted.", job.created)
        return JobState("failed", "It was never queued: the process that submitted it has ended.", job.created)
    return _local(job) if job.cluster == "local" else _slurm(job, rows)


def asks_queue(jobs: Iterable[Job]) -> bool:
    """Whether Slurm's answer matters for any of these jobs."""
    return any(job.cluster == "slurm" and not job.note("ended") for job in jobs)


def _local(job: Job) -> JobState:
    started = job.note("started")
    if local_jobs.runs_elsewhere(job):
        host = str(job.note("queued").get("host", ""))
        return JobState("unknown", f"It was started on {host}, and can be seen only there.", job.created, host)
    if local_jobs.is_running(job):
        if started:
            return JobState("running", _ending(job), _time(started), str(started.get("host", "")))
        return JobState("waiting", _ending(job) or "Its processes are starting.", job.created)
    return _gone(job, "Its processes have ended without a last word: its logs may say why.")


def _slurm(job: Job, rows: Rows) -> JobState:
    if rows is None:
        return JobState("unknown", "The queue does not answer.", job.created)
    started, row = job.note("started"), rows.get(str(job.note("queued").get("id", "")))
    if row is None:
        return _gone(job, "The queue no longer has it, and it left no last word: its logs may say why.")
    since = _time(started) or job.created
    said = f"Slurm says: {row.state.lower().replace('_', ' ')}."
    if row.state in WAITS:
        reason = f"It waits {REASONS[row.reason]}." if row.reason in REASONS else _reason(row, said)
        return JobState("requeued" if started else "waiting", _ending(job) or reason, since)
    if row.state in RUNS:
        usual = row.state in ("RUNNING", "COMPLETING")
        return JobState("running", _ending(job) or ("" if usual else said), since, row.where)
    if row.state == "COMPLETED":
        return JobState("done", "", since, row.where)
    if row.state == "CANCELLED":
        return _gone(job, "It was cancelled in Slurm.", "cancelled")
    return JobState("failed", said, since, row.where)


def _reason(row: QueueRow, said: str) -> str:
    """A reason in Slurm's own word; else its state, unless that is the usual one."""
    if row.reason:
        return f"Slurm's reason: {row.reason}."
    return "" if row.state == "PENDING" else said


def _ending(job: Job) -> str:
    """That a job which has not ended yet was cancelled, as a sentence; "" if it was not."""
    return f"{cancelled_words(job)} It has not ended yet." if job.note("cancelled") else ""


def _gone(job: Job, why: str, word: Word = "failed") -> JobState:
    """The state of a job that has ended and left no word of its own."""
    since = _time(job.note("started")) or job.created
    if cancelled := job.note("cancelled"):
        return JobState("cancelled", cancelled_words(job), _time(cancelled))
    return JobState(word, why, since)


def cancelled_words(job: Job) -> str:
    """Who cancelled a job, as a sentence."""
    who = str(job.note("cancelled").get("who", ""))
    return f"Cancelled by {who}." if who else "Cancelled."


def _time(note: Mapping[str, object]) -> float:
    found = note.get("time", 0.0)
    return float(found) if isinstance(found, int | float) else 0.0
