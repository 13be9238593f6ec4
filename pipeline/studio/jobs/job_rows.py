"""Jobs with their states and runs, as pages and the command line show them."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.launch import slurm
from pipeline.launch.cancelling import cancel
from pipeline.launch.jobs import Job, list_jobs, open_job
from pipeline.launch.queue_watch import WATCH
from pipeline.launch.states import JobState, Rows, asks_queue, state_of
from pipeline.runs.job_runs import runs_of_jobs
from pipeline.runs.store import Store

MOST_JOBS = 100
"""Newest jobs that are shown."""


@dataclass(frozen=True)
class JobRow:
    """A job as it is shown. run: the id of its run, "" before it has one. number: the queue's; "" if not submitted."""

    job: Job
    state: JobState
    run: str
    number: str


def job_rows(store: Store, *, wait: bool = False) -> list[JobRow]:
    """The jobs of the home, newest first. wait: ask the queue now, for the command line; a page takes its last
    answer."""
    jobs = list_jobs(store.home)[:MOST_JOBS]
    return _rows(store, jobs, queue_answer(jobs, wait=wait))


def job_row(store: Store, name: str, *, wait: bool = False) -> JobRow:
    """One job, by its id, its number or "latest". Raises UnknownJob, UnreadableJob, OpenJobFolder."""
    job = open_job(store.home, name)
    return _rows(store, [job], queue_answer([job], wait=wait))[0]


def has_job(store: Store, job: str) -> bool:
    """Whether a job's folder is still there. job: its id."""
    return job in {each.id for each in list_jobs(store.home)}


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
    runs = runs_of_jobs(store, [job.id for job in jobs]) | _left(store, jobs)
    return [
        JobRow(job, state_of(job, rows), runs.get(job.id, job.run), str(job.note("queued").get("id", "")))
        for job in jobs
    ]


def _left(store: Store, jobs: Sequence[Job]) -> dict[str, str]:
    """The runs that jobs have trained until they ended, by job: another process may have resumed them since."""
    noted = {job.id: str(job.note("run").get("id", "")) for job in jobs}
    known = {run.id for run in store.named(list(noted.values()))}
    return {job: run for job, run in noted.items() if run in known}
