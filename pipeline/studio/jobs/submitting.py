"""Submit a workflow, a stored run or a fork as a job."""

import shutil

from pipeline.graph.workflow import Workflow
from pipeline.launch import submission
from pipeline.launch.jobs import Job
from pipeline.launch.planning import JobPlan, new_run, recorded, require
from pipeline.launch.resources import Cluster, Resources
from pipeline.nodes.checked_workflow import check_workflow
from pipeline.runs.store import Store


def submit_workflow(store: Store, workflow: Workflow, asked: Resources, cluster: Cluster, who: str) -> Job:
    """Submit a new run of a workflow, to its planned end. Raises InvalidWorkflow, and what `submit_plan` raises."""
    return submit_plan(store, new_run(check_workflow(workflow)), asked, cluster, who)


def submit_plan(store: Store, plan: JobPlan, asked: Resources, cluster: Cluster, who: str) -> Job:
    """Submit a job. Raises BatchNotShared, NoSlurm, UnknownPartition, UnfitResources and OpenJobFolder before anything
    is submitted; NotSubmitted if the cluster does not take it."""
    job = recorded(store, plan, asked, require(plan, asked, cluster), who)
    submission.submit(job)
    return job


def dry_run(store: Store, plan: JobPlan, asked: Resources, cluster: Cluster, who: str) -> str:
    """The batch file with which Slurm would start the job; "" on this machine, which needs none. Nothing stays. Raises
    what `submit_plan` raises."""
    chosen = require(plan, asked, cluster)
    if chosen == "local":
        return ""
    job = recorded(store, plan, asked, chosen, who)
    try:
        return submission.batch_file(job)
    finally:
        shutil.rmtree(job.path, ignore_errors=True)
