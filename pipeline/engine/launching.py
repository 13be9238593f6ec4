"""How a process comes to own a run: a new one, a stored one, a fork of one, a branch of the one it is training.

Each takes the run's lock and gives back an ActiveRun that is saved at the step it begins at. What goes wrong on the way
is recorded as the run's failure, and its lock is let go.
"""

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

import torch

from pipeline.data.progress import ReadProgress, unwatched
from pipeline.engine import layers
from pipeline.engine.active_run import ActiveRun
from pipeline.errors.base import GenscopeError
from pipeline.errors.data import ReadingStopped
from pipeline.errors.machine import CannotWrite
from pipeline.errors.runs import BrokenCheckpoint, NoCheckpoint, UnknownCheckpoint
from pipeline.formatting import carried_over
from pipeline.nodes.assemble import assemble
from pipeline.nodes.checked_workflow import CheckedWorkflow
from pipeline.nodes.devices import resolve_device
from pipeline.runs import metrics, probes, watching
from pipeline.runs.store import RunRecord, Store
from pipeline.training import checkpoint
from pipeline.training.node_errors import blamed
from pipeline.training.state import Captured
from pipeline.training.threads import best_thread_count
from pipeline.training.trainer import Trainer
from pipeline.training.transfer import carry_over

NOTHING: Mapping[str, Any] = {}


def start(
    store: Store,
    workflow: CheckedWorkflow,
    who: str,
    progress: ReadProgress = unwatched,
    given: Mapping[str, Any] = NOTHING,
) -> ActiveRun:
    """A new run of this workflow, built and saved at step 0. given: what was made in Python, by node id.

    Raises UnknownDevice and MadeInPython before anything is recorded; NodeFailure (a node cannot be built) and
    CannotWrite with the run recorded as failed and let go; so does ReadingStopped out of `progress`, which is told how
    far its images are read.
    """
    workflow.require_given(given)
    run = ActiveRun(store, _record(store, workflow, who), workflow)
    with _failing_whole(run):
        run.take(_build(run, progress, given))
        run.event("started", f"Started on {run.device}", who)
        run.save()
        run.looks.draw(keep=True)
    return run


def resume(
    store: Store,
    run_id: str,
    workflow: CheckedWorkflow,
    who: str,
    progress: ReadProgress = unwatched,
    given: Mapping[str, Any] = NOTHING,
) -> ActiveRun:
    """A stored run, taken up at its last sound checkpoint; what was recorded after it is forgotten.

    workflow: the run's own. given: as of `start`. Raises UnknownRun, RunLocked and MadeInPython, and ReadingStopped out
    of `progress`, with the run as it was; NoCheckpoint, UnknownDevice, NodeFailure and CannotWrite with it recorded as
    failed.
    """
    workflow.require_given(given)
    run = ActiveRun(store, store.run(run_id), workflow)
    with _failing_whole(run, new=False):
        trainer = _build(run, progress, given)
        run.saved = _load_newest(run, trainer)
        run.take(trainer)
        metrics.truncate(store, run.id, run.step)
        probes.drop_after(run.files, run.step)
        store.update(run.id, state="paused", step=run.step, error="", error_node="")
        run.event("resumed", f"Resumed at step {run.step:,} on {run.device}", who)
        run.looks.draw(keep=True)
    return run


def fork(
    store: Store,
    parent: RunRecord,
    captured: Captured,
    workflow: CheckedWorkflow,
    who: str,
    progress: ReadProgress = unwatched,
) -> ActiveRun:
    """A new run of another workflow that goes on from a step of `parent`, with every network that still fits.

    Raises as `start` does.
    """
    workflow.require_given()
    run = ActiveRun(store, _record(store, workflow, who, parent, captured.step), workflow)
    with _failing_whole(run):
        trainer = _build(run, progress)
        carried = carry_over(captured, trainer.state)
        run.take(trainer)
        taken = carried_over(carried.networks, carried.optimizers, carried.afresh, done=True)
        run.event("forked", f"Forked from {parent.name} at step {captured.step:,}. {taken}", who)
        run.save()
        run.looks.draw(keep=True)
    watching.save(run.files, watching.load(store.files(parent.id)))
    return run


def branch(run: ActiveRun, who: str) -> ActiveRun:
    """Another run of the same workflow from the step that `run` has gone back to; it takes over the living trainer.

    The first change after Back makes one: what `run` came to stays as it was. Raises CannotWrite.
    """
    parent, trainer = run.record, run.trainer
    record = run.store.create(
        name=parent.name,
        workflow_text=parent.workflow_text,
        device=parent.device,
        seed=parent.seed,
        total_steps=parent.total_steps,
        batch_size=parent.batch_size,
        train_images=parent.train_images,
        who=who,
        parent=parent.id,
        parent_step=run.step,
        noise=parent.noise,
    )
    branched = ActiveRun(run.store, record, run.checked)
    with _failing_whole(branched):
        trainer.forget_ahead()
        branched.take(trainer, run.rewind.budget)
        branched.metrics = dict(run.metrics)
        branched.looks.set_probes(run.looks.probes)
        branched.event("forked", f"Forked from {parent.name} at step {run.step:,}, where it had gone back to", who)
        branched.save()
        branched.looks.draw(keep=True)
    watching.save(branched.files, watching.load(run.files))
    run.rest()
    run.close()
    return branched


def checkpoint_of(store: Store, run_id: str, step: int) -> Captured:
    """The stored checkpoint of this step. Raises UnknownRun, UnknownCheckpoint, BrokenCheckpoint."""
    kept = dict(store.files(run_id).checkpoints())
    if step not in kept:
        raise UnknownCheckpoint(run_id, step, kept)
    return checkpoint.read(kept[step])


def _record(
    store: Store, workflow: CheckedWorkflow, who: str, parent: RunRecord | None = None, step: int | None = None
) -> RunRecord:
    """The record of a new run. Raises UnknownDevice before there is one."""
    training = workflow.training
    begun = step or 0
    return store.create(
        name=workflow.workflow.name,
        workflow_text=workflow.text,
        device=str(resolve_device(training.device)),
        seed=training.seed,
        # A fork from beyond its plan's end would be over before it begins: the plan counts from there.
        total_steps=training.total_steps + (begun if training.total_steps <= begun else 0),
        batch_size=training.batch_size,
        train_images=training.images.count,
        who=who,
        parent=parent.id if parent else None,
        parent_step=step,
        noise=parent.noise if parent else "each",
    )


def _build(run: ActiveRun, progress: ReadProgress, given: Mapping[str, Any] = NOTHING) -> Trainer:
    together = run.record.noise == "together"
    experiment = assemble(run.checked, run.store.home, progress=progress, together=together, given=given)
    torch.set_num_threads(best_thread_count(run.store.home))
    layers.keep_tables(run.checked, run.store.home, given)
    return Trainer.fresh(experiment)


def _load_newest(run: ActiveRun, trainer: Trainer) -> int:
    for step, folder in reversed(run.files.checkpoints()):
        try:
            checkpoint.load(folder, trainer.state)
        except BrokenCheckpoint as error:
            run.store.add_event(run.id, step, "failed", str(error), "")
            continue
        return step
    raise NoCheckpoint(run.id)


@contextlib.contextmanager
def _failing_whole(run: ActiveRun, *, new: bool = True) -> Iterator[None]:
    """Raises NodeFailure for whatever is raised inside and is no sentence yet.

    new: whether the run has only just been recorded.
    """
    node = run.checked.trained.node
    try:
        with blamed(node, "begin", run.checked.report.titles[node]):
            yield
    except GenscopeError as error:
        # On a full disk the record may fail as well; the first failure is the one to tell.
        with contextlib.suppress(CannotWrite):
            # A stored run is none the worse for not being waited for.
            if new or not isinstance(error, ReadingStopped):
                run.fail(error)
        with contextlib.suppress(CannotWrite):
            run.close()
        raise
