"""Jobs with the runs that they have trained."""

from collections.abc import Callable

from pipeline.launch.jobs import make_job
from pipeline.runs.deletion import delete_runs
from pipeline.runs.store import RunRecord, Store
from pipeline.studio.jobs.job_rows import job_row


def test_a_job_that_has_ended_keeps_its_run_which_the_dashboard_has_resumed_since(
    store: Store, new_run: Callable[..., RunRecord]
) -> None:
    job, run = make_job(store, arguments=(), name="digits", cluster="local", processes=2), new_run()
    store.update(run.id, job=job.id)
    assert job_row(store, job.id).run == run.id
    job.write("run", id=run.id)
    store.update(run.id, job="")
    assert job_row(store, job.id).run == run.id
    delete_runs(store, [run.id])
    assert job_row(store, job.id).run == "", "no link to a run that was deleted"
