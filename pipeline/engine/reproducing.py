"""Start a run again from its record, as a new run that should record the same numbers.

It takes the run's workflow, seed, device, CPU threads and noise, begins where the run began, and repeats what users
changed at the same steps. `pipeline/runs/agreement.py` compares what both record.
"""

from pipeline.data.progress import ReadProgress, no_progress
from pipeline.engine import launching, other_results, run_environment, run_images
from pipeline.engine.active_run import ActiveRun
from pipeline.engine.resuming import as_entry
from pipeline.engine.run_threads import threads_words
from pipeline.errors.runs import CannotReproduce
from pipeline.errors.training import UnknownDevice
from pipeline.formatting import counted, listed
from pipeline.graph import edit
from pipeline.graph.form import parameters
from pipeline.nodes.catalogue import NODES
from pipeline.nodes.checked_workflow import CheckedWorkflow, check_run, check_workflow
from pipeline.nodes.devices import resolve_device
from pipeline.nodes.training.processes import crowded
from pipeline.processes.group import process_count
from pipeline.runs import environment
from pipeline.runs.later_changes import LaterChange, changes_after
from pipeline.runs.store import RunRecord, Store
from pipeline.training import checkpoint
from pipeline.training.state import Captured
from pipeline.training.trainer import Trainer


def workflow_to_reproduce(record: RunRecord) -> CheckedWorkflow:
    """The run's workflow, with its device and its numbers of CPU threads and processes fixed to those that it was
    trained with.

    If this machine does not have the device, or not as many cores or GPUs, the workflow's own choice stays. Raises
    CannotReproduce for a run without steps, MadeInPython, and what `check_run` and `resolve_device` raise.
    """
    if record.step <= (record.parent_step or 0):
        raise CannotReproduce(record.id, "it has no steps yet")
    own = check_run(record, "reproduce it")
    own.require_given()
    workflow, node = own.workflow, own.trained.node
    known = {each.name for each in parameters(type(own.report.nodes[node]))}
    try:
        fixed: dict[str, str | int] = {"device": str(resolve_device(record.device))}
    except UnknownDevice:
        resolve_device(own.training.device)
        fixed = {}
    if record.threads:
        fixed["threads"] = record.threads
    if not crowded(record.processes, record.device):
        fixed["processes"] = record.processes
    for name in fixed.keys() & known:
        workflow = edit.set_parameter(workflow, node, name, fixed[name], NODES)
    return check_workflow(workflow)


def reproduce(
    store: Store, record: RunRecord, workflow: CheckedWorkflow, who: str, progress: ReadProgress = no_progress
) -> ActiveRun:
    """Begin a new run that repeats `record`, and save it at its first step.

    workflow: as `workflow_to_reproduce` returns it. Raises CannotReproduce and BrokenCheckpoint if the state with which
    the run began is not there any more, and what `launching.start` raises.
    """
    launching.require_launched(workflow)
    run = launching.own(store, _again(store, record, workflow, who), workflow)
    with launching.failing_whole(run):
        trainer = launching.build(run, progress)
        others = run_images.changes(run, trainer.experiment, accept=True)
        captured, changes = _beginning(store, record, trainer)
        trainer.restore(captured, (*captured.journal, *map(as_entry, changes)))
        run.take(trainer, progress=progress)
        run_images.keep(run, trainer.experiment)
        run_environment.keep(run)
        differences = [*_surroundings(store, record, run), *others]
        facts: dict[str, object] = {
            "reproduces": record.id,
            "differences": differences,
            "changes": [each.as_dict() for each in changes],
        }
        run.event("started", _sentence(run, record, changes, differences), who, facts)
        run_images.say(run, trainer.experiment, who)
        other_results.say(run, who)
        run.save()
        run.measurements.sample()
    return run


def _again(store: Store, record: RunRecord, workflow: CheckedWorkflow, who: str) -> RunRecord:
    return store.create(
        name=record.name,
        workflow_text=workflow.text,
        device=str(resolve_device(workflow.training.device)),
        seed=record.seed,
        total_steps=record.total_steps,
        batch_size=record.batch_size,
        train_images=record.train_images,
        who=who,
        parent=record.parent,
        parent_step=record.parent_step,
        noise=record.noise,
        data=record.data,
        threads=record.threads,
        processes=process_count(),
        template=record.template,
        images=record.images,
        changed=record.changed,
    )


def _beginning(store: Store, record: RunRecord, trainer: Trainer) -> tuple[Captured, list[LaterChange]]:
    """The state with which the run began, and what users changed from then on.

    A fork, and a run that began with weights from a file, begin with their first checkpoint; others with their seed.
    """
    events, first = store.events(record.id, None), record.parent_step or 0
    # Not `parent`: a fork whose parent was deleted, or left out of a bundle, names none, and begins where it began.
    if record.parent_step is None and not any(event.kind == "weights loaded" for event in events):
        return trainer.capture(), changes_after(events, first, 0)
    folder = dict(store.files(record.id).checkpoints()).get(first)
    if folder is None:
        raise CannotReproduce(record.id, f"its checkpoint of step {first:,}, with which it began, is not kept any more")
    captured, extra = checkpoint.opened(folder, trainer.state)
    return captured, changes_after(events, first, extra.get("events"))


def _surroundings(store: Store, record: RunRecord, run: ActiveRun) -> list[str]:
    before = environment.of_record(store.files(record.id), record)
    found, now = before.differences(run_environment.present(run)), process_count()
    if record.processes == now:
        return found
    return [*found, f"the number of processes was {record.processes:,}, is {now:,} now"]


def _sentence(run: ActiveRun, record: RunRecord, changes: list[LaterChange], differences: list[str]) -> str:
    parts = [f"Started on {run.device} with {threads_words(run)} to reproduce run {record.id}"]
    if changes:
        parts.append(f"{counted(len(changes), 'change')} of its users will be made again")
    if differences:
        parts.append(f"Not as it was: {listed(differences)}")
    return ". ".join(parts)
