"""Load a run into this process: start a new run, fork one, or branch from the one being trained.

`resuming.py` resumes a stored run, and `reproducing.py` starts one again, with the functions here.

Each function takes the run's lock and returns an ActiveRun with a checkpoint of its first step. An error is recorded as
the run's failure, and its lock is released.
"""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch

from pipeline.data.progress import ReadProgress, no_progress
from pipeline.engine import layers, other_results, run_environment, run_images
from pipeline.engine.active_run import ActiveRun
from pipeline.engine.run_records import branch_record, fork_record, new_record
from pipeline.engine.run_threads import record_threads, threads_words
from pipeline.errors.base import GenscopeError
from pipeline.errors.data import ReadingStopped, UnusableSource
from pipeline.errors.machine import CannotWrite, HomeTrouble
from pipeline.errors.processes import BatchNotShared, RefusedByProcess
from pipeline.errors.runs import (
    CannotReproduce,
    ImagesDoNotFit,
    OtherImages,
    TooFewImages,
    UnfitWeights,
    UnknownCheckpoint,
)
from pipeline.errors.training import NeedsProcesses, PreparationInterrupted
from pipeline.formatting import fork_summary
from pipeline.graph.node import Misfit
from pipeline.inspection.stage_ranges import ranges_of_tools
from pipeline.nodes.assemble import assemble
from pipeline.nodes.checked_workflow import CheckedWorkflow
from pipeline.nodes.module_ends import require_fitting_end
from pipeline.nodes.phases import too_late
from pipeline.nodes.training.processes import require_shares
from pipeline.nodes.workflow_changes import Change
from pipeline.processes.group import current, process_count
from pipeline.processes.launch import local_processes
from pipeline.processes.leading import hand_over, leading
from pipeline.runs import pins, watching
from pipeline.runs.discarding import discard
from pipeline.runs.store import RunRecord, Store
from pipeline.training import checkpoint
from pipeline.training.given_weights import InitialWeights
from pipeline.training.node_errors import node_errors
from pipeline.training.state import Captured
from pipeline.training.threads import thread_count, thread_count_of_old_run
from pipeline.training.trainer import Trainer
from pipeline.training.transfer import carry_over

NOTHING: Mapping[str, Any] = {}
REFUSALS = (
    *(OtherImages, ImagesDoNotFit, TooFewImages, UnusableSource, UnfitWeights, CannotReproduce),
    *(BatchNotShared, RefusedByProcess),
)
"""Images that are refused once they have been read, or because none can be, weights that fit no network, a run whose
beginning is lost, processes that cannot train it together. A new run is then deleted, and a stored one left as it
was."""


def start(
    store: Store,
    workflow: CheckedWorkflow,
    who: str,
    progress: ReadProgress = no_progress,
    given: Mapping[str, Any] = NOTHING,
    initial: InitialWeights | None = None,
    template: str = "",
    name: str = "",
) -> ActiveRun:
    """Start a new run of this workflow: build it and save it at step 0.

    given: objects made in Python, by node id. progress: called while images are read; it may raise ReadingStopped.
    initial: weights to begin with; the checkpoint of step 0, which is pinned, keeps them. template: the
    workflow's former name, if it was given another one for this run. name: of the run; "" for the workflow's.

    Raises UnknownDevice, MadeInPython and NeedsProcesses before anything is recorded; TooFewImages, UnusableSource and
    UnfitWeights, with which the record is deleted again; NodeFailure (a node cannot be built), CannotWrite and
    ReadingStopped with the run recorded as failed and released.
    """
    workflow.require_given(given)
    require_launched(workflow)
    run = own(store, new_record(store, workflow, who, template, name), workflow)
    with failing_whole(run):
        trainer = build(run, progress, given)
        require_fitting_end(trainer.experiment, workflow)
        begun = initial.load(trainer.state, trainer.experiment.frozen) if initial else None
        hand_over(trainer)
        run.take(trainer, progress=progress)
        run_images.keep(run, run.trainer.experiment)
        run.event("started", f"Started on {run.device} with {threads_words(run)}", who)
        if initial and begun:
            run.event("weights loaded", initial.sentence(begun), who, initial.record(begun))
            pins.keep(run.files, run.step)
        run_images.say(run, run.trainer.experiment, who)
        other_results.say(run, who)
        run_environment.keep(run)
        run.save()
        run.measurements.sample()
    return run


def fork(
    store: Store,
    parent: RunRecord,
    captured: Captured,
    workflow: CheckedWorkflow,
    who: str,
    progress: ReadProgress = no_progress,
) -> ActiveRun:
    """Fork: start a new run of another workflow from a step of `parent`, with every network that still fits.

    captured: the state of `parent` at that step. Raises as `start` does.
    """
    workflow.require_given()
    require_launched(workflow)
    run = own(store, fork_record(store, workflow, who, parent.id, captured), workflow)
    with failing_whole(run):
        trainer = build(run, progress)
        carried = carry_over(
            captured,
            trainer.state,
            keep_threads=not workflow.training.threads and parent.processes == process_count(),
            frozen=trainer.experiment.frozen,
        )
        hand_over(trainer)
        run.take(trainer, progress=progress)
        run_images.keep(run, trainer.experiment)
        record_threads(run)
        summary = fork_summary(carried.networks, carried.optimizers, carried.reinitialised, done=True)
        lost = too_late(workflow.training.phases, carried.reinitialised, captured.step)
        run.event("forked", f"Forked from {parent.name} at step {captured.step:,}. {summary} {lost}".rstrip(), who)
        run_images.say(run, trainer.experiment, who)
        other_results.say(run, who)
        run_environment.keep(run)
        run.save()
        run.measurements.sample()
        watching.save(run.files, watching.load(store.files(parent.id)))
    return run


def branch(run: ActiveRun, who: str, changes: Sequence[Change]) -> ActiveRun:
    """Fork `run` with the same workflow at the step to which it was rewound; the new run takes over its trainer.

    Done at the first change after Back, so that `run` keeps its recorded steps. changes: what is about to be changed.
    Raises CannotWrite.
    """
    trainer = run.trainer
    record = branch_record(run.store, run.id, run.step, who, trainer.state.threads, changes)
    branched = own(run.store, record, run.checked)
    with failing_whole(branched):
        trainer.drop_replay()
        branched.take(trainer, run.rewind.budget)
        branched.of_step = dict(run.of_step)
        branched.pictures.set_probes(run.pictures.probes)
        branched.event("forked", f"Forked from {run.record.name} at step {run.step:,}, after going back", who)
        run_environment.keep(branched)
        branched.save()
        branched.measurements.sample()
        watching.save(branched.files, watching.load(run.files))
        run.rest()
    # The lock is released even if the disk is full; the branched run is loaded in any case.
    with contextlib.suppress(CannotWrite):
        run.close()
    return branched


def checkpoint_of(store: Store, run_id: str, step: int) -> Captured:
    """The stored checkpoint of this step. Raises UnknownRun, UnknownCheckpoint, BrokenCheckpoint."""
    checkpoints = dict(store.files(run_id).checkpoints())
    if step not in checkpoints:
        raise UnknownCheckpoint(run_id, step, checkpoints)
    return checkpoint.read(checkpoints[step])


def require_launched(workflow: CheckedWorkflow) -> None:
    """Raises NeedsProcesses if this process was started alone, and the workflow asks for several. Of processes that
    torchrun has started, their own number counts."""
    wanted = workflow.training.processes
    if wanted > 1 and current() is None:
        raise NeedsProcesses(wanted)


def own(store: Store, record: RunRecord, workflow: CheckedWorkflow) -> ActiveRun:
    """Take the lock of a new run. Raises CannotWrite, with the run recorded as failed."""
    try:
        return ActiveRun(store, record, workflow)
    except GenscopeError as error:
        with contextlib.suppress(GenscopeError):
            store.update(record.id, state="failed", error=str(error))
        error.failed_run = record.id
        raise


def build(run: ActiveRun, progress: ReadProgress, given: Mapping[str, Any] = NOTHING) -> Trainer:
    """The trainer of a run, at step 0 of its workflow, in every process of this group.

    Raises what `assemble` raises, TooFewImages, and for several processes BatchNotShared, RefusedByProcess and
    FaultOfProcess.
    """
    together, group = run.record.noise == "together", current()
    try:
        require_shares(run.record.batch_size, process_count(), run.record.device)
    except Misfit as error:
        raise BatchNotShared(str(error)) from None
    threads = _threads(run)
    torch.set_num_threads(threads)
    experiment = assemble(
        run.checked, run.store.home, progress=progress, together=together, given=given,
        ranks=group.ranks if group else None,
    )  # fmt: skip
    run_images.require_batches(run, experiment)
    # Code of a node may have changed it.
    torch.set_num_threads(threads)
    layers.keep_tables(run.checked, run.store.home, given)
    if group is None or group.ranks.alone:
        trainer = Trainer.fresh(experiment)
    else:
        # The others read from the cache what this process has decoded.
        trainer = leading(experiment, group, run.checked.text, together, progress)
    trainer.ranges = ranges_of_tools(trainer.state.device)
    return trainer


def _threads(run: ActiveRun) -> int:
    """The CPU threads of each process: the number of the record, if it was made for as many processes."""
    fixed = run.checked.training.threads
    if run.record.processes != process_count():
        return thread_count(fixed, local_processes())
    return run.record.threads or thread_count_of_old_run(run.store.home, fixed)


@contextlib.contextmanager
def failing_whole(run: ActiveRun, *, new: bool = True) -> Iterator[None]:
    """Record an exception raised inside as the run's failure, release the run, and raise it as a GenscopeError.

    Other exceptions become a NodeFailure of the training node; only a real Ctrl-C stays a KeyboardInterrupt. new:
    whether the run is new, not resumed.
    """
    node = run.checked.trained.node
    try:
        with node_errors(node, "begin", run.checked.report.titles[node]):
            yield
    except BaseException as error:
        refused, interrupted = isinstance(error, REFUSALS), not isinstance(error, GenscopeError)
        failure = error if isinstance(error, GenscopeError) else PreparationInterrupted()
        # Refusing or cancelling a resume leaves the stored run as it was, and so does a home that cannot be written.
        if not refused and (new or not (interrupted or isinstance(error, ReadingStopped | HomeTrouble))):
            failure.failed_run = run.id
            # On a full disk, recording may fail as well; the first error is the one to report.
            with contextlib.suppress(GenscopeError):
                run.fail(failure)
        with contextlib.suppress(GenscopeError):
            run.close()
        if refused and new:
            with contextlib.suppress(GenscopeError):
                discard(run.store, run.id)
        raise
