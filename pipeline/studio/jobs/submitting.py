"""Submit a workflow, a stored run or a fork as a job."""

import shutil
from collections.abc import Mapping
from typing import Literal

from pipeline.graph.workflow import Workflow
from pipeline.launch import submission
from pipeline.launch.jobs import Job
from pipeline.launch.planning import JobPlan, new_run, recorded, require
from pipeline.launch.resources import Cluster, Resources, resources
from pipeline.nodes.checked_workflow import check_workflow
from pipeline.runs.store import Store


def submit_workflow(store: Store, workflow: Workflow, given: Mapping[str, object], cluster: Cluster, who: str) -> Job:
    """Submit a new run of a workflow, to its planned end. given: the fields of `resources`. Raises InvalidWorkflow,
    and what `resources`, `require` and `submit_plan` raise."""
    plan = new_run(check_workflow(workflow))
    asked = resources(plan.processes, **given)
    return submit_plan(store, plan, asked, require(plan, asked, cluster), who)


def submit_plan(store: Store, plan: JobPlan, asked: Resources, cluster: Literal["slurm", "local"], who: str) -> Job:
    """Submit a job. cluster: as `require` has chosen it. Raises OpenJobFolder and HomeTrouble before anything is
    submitted; NotSubmitted if the cluster does not take it."""
    job = recorded(store, plan, asked, cluster, who)
    submission.submit(job)
    return job


def batch_file(store: Store, plan: JobPlan, asked: Resources, who: str) -> str:
    """The batch file with which Slurm would start the job, of which nothing stays. Raises what `submit_plan` raises."""
    job = recorded(store, plan, asked, "slurm", who)
    try:
        return submission.batch_file(job)
    finally:
        shutil.rmtree(job.path, ignore_errors=True)
