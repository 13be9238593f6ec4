"""Cancel a job: the run is saved first, and can be resumed."""

from pipeline.errors.launch import JobOver, NotCancelled
from pipeline.launch import local_jobs, slurm
from pipeline.launch.jobs import Job
from pipeline.launch.states import Rows, state_of


def cancel(job: Job, who: str, rows: Rows) -> None:
    """Have the cluster end a job. rows: the queue's answer. Raises JobOver, NotCancelled, CannotWrite."""
    state = state_of(job, rows)
    if state.over:
        raise JobOver(job.id, state.word)
    number = str(job.note("queued").get("id", ""))
    if not number:
        raise NotCancelled(job.id, "it is still being submitted", "Try again in a minute")
    # Before the signal: the worker looks for it, so as not to be queued again, and a restart finds it.
    job.write("cancelled", who=who)
    try:
        if job.cluster == "local":
            local_jobs.end(job)
        else:
            slurm.cancel(job.id, number)
    except BaseException:
        (job.path / "cancelled.json").unlink(missing_ok=True)
        raise
