"""Add a workflow or a sweep to the queue, and start an entry at once."""

from pipeline.graph.workflow import Workflow
from pipeline.nodes.checked_workflow import check_workflow
from pipeline.runs import queue_changes
from pipeline.runs.queue_changes import Waiting
from pipeline.runs.store import Store
from pipeline.runs.workflows import as_name
from pipeline.runtime.handle import TrainerHandle
from pipeline.runtime.messages.commands import StartNext
from pipeline.studio.queue.sweep import Sweep
from pipeline.studio.run.training import BUILD_SECONDS


def add_workflow(
    store: Store,
    workflow: Workflow,
    who: str,
    *,
    name: str = "",
    not_before: float | None = None,
    first: bool = False,
) -> str:
    """Add a run of a workflow to the queue and return its id there.

    name: of the run; "" for the workflow's. not_before: as `start_times.read_start_time` returns it; None to start as
    soon as the device is free. first: before all that wait. Raises InvalidWorkflow, MadeInPython, CannotWrite.
    """
    checked = check_workflow(workflow)
    checked.require_given()
    new = Waiting(as_name(name) or as_name(workflow.name) or "workflow", checked.text)
    (entry,) = queue_changes.add(store, [new], who, not_before=not_before, first=first)
    return entry


def add_sweep(
    store: Store, sweep: Sweep, who: str, *, not_before: float | None = None, first: bool = False
) -> list[str]:
    """Add the runs of a sweep to the queue and return their ids there.

    not_before, first: as for `add_workflow`. Raises UnusableSweep if it has no runs, CannotWrite.
    """
    sweep.require_runs()
    new = [Waiting(run.name, run.checked.text) for run in sweep.runs]
    return queue_changes.add(store, new, who, not_before=not_before, sweep=sweep.name, first=first)


def start_next(trainer: TrainerHandle, who: str, entry: str = "") -> str:
    """Start an entry now, whatever it waits for, and return its run's id; a run that is being trained is paused and
    saved first, and if it is from the queue, goes back to its front.

    entry: "" for the first that is not held. Raises CommandRefused, EngineGone.
    """
    return trainer.ask(StartNext(entry=entry, who=who), BUILD_SECONDS).run
