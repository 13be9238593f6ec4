"""Submit a workflow, a stored run or a fork as a job."""

import shutil

from pipeline.graph.workflow import Workflow
from pipeline.launch import submission
from pipeline.launch.jobs import Job
from pipeline.launch.planning import JobPlan, new_run, recorded, require
from pipeline.launch.resources import Cluster, Resources
from pipeline.nodes.checked_workflow import check_workflow


def submit_workflow(workflow: Workflow, asked: Resources, cluster: Cluster, who: str, steps: int | None = None) -> Job:
    """Submit a new run of a workflow. Raises InvalidWorkflow, and what `submit_plan` raises."""
    return submit_plan(new_run(check_workflow(workflow), steps), asked, cluster, who)


def submit_plan(plan: JobPlan, asked: Resources, cluster: Cluster, who: str) -> Job:
    """Submit a job. Raises UnevenBatch, NoSlurm, UnknownPartition, UnfitResources and OpenJobFolder before anything is
    submitted; NotSubmitted if the cluster does not take it."""
    job = recorded(plan, asked, require(plan, asked, cluster), who)
    submission.submit(job)
    return job


def dry_run(plan: JobPlan, asked: Resources, cluster: Cluster, who: str) -> str:
    """The batch file with which Slurm would start the job; "" on this machine, which needs none. Nothing stays. Raises
    what `submit_plan` raises."""
    chosen = require(plan, asked, cluster)
    if chosen == "local":
        return ""
    job = recorded(plan, asked, chosen, who)
    try:
        return submission.batch_file(job)
    finally:
        shutil.rmtree(job.path, ignore_errors=True)
