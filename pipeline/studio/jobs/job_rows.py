"""Jobs with their states and runs, as pages and the command line show them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from pipeline.launch import slurm
from pipeline.launch.cancelling import cancel
from pipeline.launch.jobs import Job, list_jobs, open_job
from pipeline.launch.queue_watch import WATCH
from pipeline.launch.states import JobState, Rows, asks_queue, state_of
from pipeline.runs.job_runs import runs_of_jobs
from pipeline.runs.store import RunRecord, Store

MOST_JOBS = 100
"""Newest jobs that are shown."""


@dataclass(frozen=True)
class JobRow:
    """A job as it is shown. record: of its run; None before it has one, and if that was deleted. number: the queue's;
    "" if not submitted."""

    job: Job
    state: JobState
    record: RunRecord | None
    number: str

    @property
    def run(self) -> str:
        """The id of its run; "" if there is none."""
        return self.record.id if self.record else ""

    @property
    def steps(self) -> str:
        """How far its run is, in words; "" if there is none."""
        return f"{self.record.step:,} of {self.record.total_steps:,}" if self.record else ""


def job_rows(store: Store, *, wait: bool = False) -> list[JobRow]:
    """The jobs of the home, newest first. wait: ask the queue now, for the command line; a page takes its last
    answer."""
    jobs = list_jobs(store.home, MOST_JOBS)
    return _rows(store, jobs, queue_answer(jobs, wait=wait))


def job_row(store: Store, name: str, *, wait: bool = False) -> JobRow:
    """One job, by its id, its number or "latest". Raises UnknownJob, UnreadableJob, OpenJobFolder."""
    job = open_job(store.home, name)
    return _rows(store, [job], queue_answer([job], wait=wait))[0]


def jobs_of_runs(store: Store, runs: Collection[str]) -> list[JobRow]:
    """The jobs that have trained one of these runs, or are to go on with it. Waits for the queue's answer if that
    matters for one of them."""
    every = list_jobs(store.home)
    of_job = _runs_of(store, every)
    jobs = [job for job in every if of_job[job.id] in runs]
    return _rows(store, jobs, queue_answer(jobs, wait=True))


def cancel_job(store: Store, name: str, who: str) -> Job:
    """Cancel a job; its run is saved first. Raises UnknownJob, JobOver, NotCancelled, CannotWrite."""
    job = open_job(store.home, name)
    cancel(job, who, queue_answer([job], wait=True))
    return job


def queue_answer(jobs: Sequence[Job], *, wait: bool) -> Rows:
    """What Slurm says about this user's jobs; nothing is asked if it matters for none of `jobs`."""
    if not asks_queue(jobs):
        return {}
    return slurm.queue() if wait else WATCH.rows()


def _rows(store: Store, jobs: Sequence[Job], rows: Rows) -> list[JobRow]:
    of_job = _runs_of(store, jobs)
    records = {record.id: record for record in store.named(list(of_job.values()))}
    return [
        JobRow(job, state_of(job, rows), records.get(of_job[job.id]), str(job.note("queued").get("id", "")))
        for job in jobs
    ]


def _runs_of(store: Store, jobs: Sequence[Job]) -> Mapping[str, str]:
    """The id of the run of each job, by the job's; "" before it has one. The run may have been deleted."""
    found = runs_of_jobs(store, [job.id for job in jobs])
    # A run that has gone on elsewhere names another job, or none: the one before has noted which run it was.
    return {job.id: found.get(job.id) or str(job.note("run").get("id", "")) or job.run for job in jobs}
