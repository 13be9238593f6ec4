"""Jobs with their runs, also where the run went on elsewhere or was deleted, and what a deletion does to them."""

from collections.abc import Callable
from typing import Any

import pytest

from pipeline.errors.runs import RunInUse
from pipeline.launch.jobs import Job, list_jobs, make_job
from pipeline.runs.store import RunRecord, Store
from pipeline.studio.jobs.job_rows import job_rows
from pipeline.studio.run.deleting import delete, plan

NewRun = Callable[..., RunRecord]


def job_of(store: Store, **facts: Any) -> Job:
    """A job on this machine, which is done."""
    job = make_job(store, **{"arguments": (), "name": "digits", "cluster": "local", "processes": 1, **facts})
    job.write("queued", id="7")
    job.write("ended", outcome="done")
    return job


def test_a_job_knows_its_run_also_after_it_went_on_elsewhere(store: Store, new_run: NewRun) -> None:
    job = job_of(store)
    assert [row.run for row in job_rows(store)] == [""]
    run = new_run(job=job.id).id
    job.write("run", id=run)
    store.update(run, step=1200, job="")
    assert [(row.run, row.steps) for row in job_rows(store)] == [(run, "1,200 of 3,000")]


def test_a_job_goes_with_its_run_unless_it_has_another(store: Store, new_run: NewRun) -> None:
    first, other = new_run(), new_run()
    resumed, both = job_of(store, run=first.id), job_of(store)
    both.write("run", id=first.id)
    (resumed.path / "7_0_log.out").write_bytes(bytes(300))
    found = plan(store, [first.id])
    assert {job.id for job in found.jobs} == {resumed.id, both.id} and found.bytes > 300
    store.update(other.id, job=both.id)
    delete(store, found)
    assert [job.id for job in list_jobs(store.home)] == [both.id]
    assert [(row.run, row.steps) for row in job_rows(store)] == [(other.id, "0 of 3,000")]


def test_a_run_that_a_job_has_still_to_train_is_kept_and_one_of_a_job_elsewhere_leaves_its_folder(
    store: Store, new_run: NewRun
) -> None:
    run = new_run()
    job = job_of(store, run=run.id)
    (job.path / "ended.json").unlink()
    (job.path / "queued.json").unlink()
    with pytest.raises(RunInUse, match=rf"job {job.id} has still to train it\. Cancel that job first\."):
        plan(store, [run.id])
    job.write("queued", id="7", host="node9")
    delete(store, plan(store, [run.id]))
    assert [(row.job.id, row.state.word, row.run) for row in job_rows(store)] == [(job.id, "unknown", "")]
