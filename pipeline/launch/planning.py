"""A workflow, a stored run or a fork -> a job, with everything checked before anything is submitted."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from pipeline.errors.processes import BatchNotShared
from pipeline.errors.runs import NoCheckpoint, RunComplete, RunLocked
from pipeline.graph.node import Misfit
from pipeline.launch.cluster import chosen_cluster, require_cluster
from pipeline.launch.jobs import Job, make_job
from pipeline.launch.resources import Cluster, Resources
from pipeline.nodes.checked_workflow import CheckedWorkflow, check_run
from pipeline.nodes.live_settings import live_settings
from pipeline.nodes.ports import TrainingPort
from pipeline.nodes.training.processes import require_shares
from pipeline.runs import lock
from pipeline.runs.store import RunRecord, Store


@dataclass(frozen=True)
class JobPlan:
    """What a job is to do. name: of the run, for lists. batch: images in a batch. device, processes: what the workflow
    says. arguments, goal, run: as of `Job`. workflow: the text of a new run's workflow; "" for others. needs: the
    stored runs that it goes on with."""

    name: str
    batch: int
    device: str
    processes: int
    arguments: tuple[str, ...] = ()
    goal: int | None = None
    run: str = ""
    workflow: str = field(default="", repr=False)
    needs: tuple[str, ...] = ()


def new_run(workflow: CheckedWorkflow, steps: int | None = None) -> JobPlan:
    """A job that trains this workflow, for so many steps or to its planned end. Raises MadeInPython."""
    workflow.require_given()
    return _plan(workflow.workflow.name, workflow.training, goal=steps, workflow=workflow.text)


def resumed_run(store: Store, record: RunRecord, steps: int | None, settings: Sequence[str] = ()) -> JobPlan:
    """A job that goes on with a stored run. settings: live parameters, each "NODE.PARAMETER=VALUE".

    Raises NoCheckpoint, RunComplete, RunLocked if a process trains it, and what the settings raise.
    """
    workflow = check_run(record, "resume it")
    workflow.require_given()
    files = store.files(record.id)
    if not files.checkpoints():
        raise NoCheckpoint(record.id)
    if (holder := lock.holder(files)) is not None and holder.alive:
        raise RunLocked(record.id, holder.pid, holder.host)
    if steps is None and record.step >= record.total_steps:
        raise RunComplete(record.total_steps)
    live_settings(workflow, settings)
    sets = tuple(f"--set={setting}" for setting in settings)
    goal = None if steps is None else record.step + steps
    arguments = ("--resume", record.id, *sets)
    return _plan(record.name, workflow.training, arguments=arguments, goal=goal, run=record.id, needs=(record.id,))


def forked_run(
    parent: RunRecord, step: int, workflow: CheckedWorkflow, steps: int | None, words: Sequence[str]
) -> JobPlan:
    """A job that trains a fork of a run from its checkpoint of this step. workflow: the fork's. words: the options of
    `train` that change it. Raises MadeInPython."""
    workflow.require_given()
    goal = None if steps is None else step + steps
    arguments = ("--fork", parent.id, "--step", str(step), *words)
    return _plan(f"{parent.name}, fork", workflow.training, arguments=arguments, goal=goal, needs=(parent.id,))


def _plan(name: str, training: TrainingPort, **facts: Any) -> JobPlan:
    return JobPlan(name, training.batch_size, training.device, training.processes, **facts)


def require(plan: JobPlan, asked: Resources, cluster: Cluster) -> Literal["slurm", "local"]:
    """The cluster that the job goes to. Raises BatchNotShared, NoSlurm, UnknownPartition, UnfitResources."""
    try:
        require_shares(plan.batch, asked.processes, plan.device)
    except Misfit as error:
        raise BatchNotShared(str(error)) from None
    chosen = chosen_cluster(cluster)
    require_cluster(chosen, asked)
    return chosen


def recorded(store: Store, plan: JobPlan, asked: Resources, cluster: Literal["slurm", "local"], who: str) -> Job:
    """The job with its folder, not yet submitted. Raises OpenJobFolder, HomeTrouble."""
    facts: dict[str, Any] = {"arguments": plan.arguments, "goal": plan.goal, "run": plan.run, "name": plan.name}
    return make_job(
        store, plan.needs, plan.workflow, cluster=cluster, processes=asked.processes, resources=asked, who=who, **facts
    )
