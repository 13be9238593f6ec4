"""Resume a stored run: from its last undamaged checkpoint, with what users changed after it repeated at its steps.

The run then equals one that was never interrupted, bit for bit on the CPU. The event "resumed" lists what was restored.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import torch

from pipeline.data.progress import ReadProgress, no_progress
from pipeline.engine import launching, other_results, run_images
from pipeline.engine.active_run import ActiveRun
from pipeline.engine.restoration import restoration
from pipeline.engine.run_threads import record_threads
from pipeline.errors.runs import BrokenCheckpoint, NoCheckpoint
from pipeline.formatting import listed
from pipeline.nodes.checked_workflow import CheckedWorkflow
from pipeline.processes.group import process_count
from pipeline.runs import metrics, point_series, probes
from pipeline.runs.job_runs import this_job
from pipeline.runs.later_changes import LaterChange, changes_after
from pipeline.runs.store import Store
from pipeline.training import checkpoint
from pipeline.training.state import Captured, JournalEntry
from pipeline.training.trainer import Trainer


def resume(
    store: Store,
    run_id: str,
    workflow: CheckedWorkflow,
    who: str,
    progress: ReadProgress = no_progress,
    given: Mapping[str, Any] = launching.NOTHING,
    *,
    accept_data: bool = False,
) -> ActiveRun:
    """Resume a stored run from its last undamaged checkpoint, and delete what was recorded after that.

    workflow: the run's workflow. given, progress: as in `launching.start`. accept_data: go on with other images than
    those that the run was trained on. Raises UnknownRun, RunLocked, MadeInPython, NeedsProcesses, OtherImages,
    ImagesDoNotFit, TooFewImages, UnusableSource, ReadingStopped and HomeTrouble with the run as it was; NoCheckpoint,
    UnknownDevice and NodeFailure with it recorded as failed.
    """
    workflow.require_given(given)
    launching.require_launched(workflow)
    run = ActiveRun(store, store.run(run_id), workflow)
    with launching.failing_whole(run, new=False):
        trainer = launching.build(run, progress, given)
        differences = run_images.changes(run, trainer.experiment, accept=accept_data)
        found = _newest(run, trainer)
        before = run.record.processes
        captured = found.captured
        if before != process_count():
            # They share the cores of the machine in another way.
            captured = replace(captured, threads=torch.get_num_threads())
        trainer.restore(captured, (*captured.journal, *map(as_entry, found.changes)))
        run.take(trainer, progress=progress)
        run.checkpoints.saved = run.step
        run.checkpoints.outdated = len(trainer.state.journal) > len(found.captured.journal)
        run_images.keep(run, trainer.experiment)
        record_threads(run)
        metrics.truncate(store, run.id, run.step)
        point_series.convert(store, run.id, run.pictures.checkup)
        run.files.drop_grids_after(run.step)
        probes.drop_after(run.files, run.step)
        restored = restoration(run, found.captured, found.changes, found.damaged, differences, before)
        store.update(run.id, state="paused", step=run.step, error="", error_node="", job=this_job())
        run.event("resumed", restored.sentence, who, restored.as_dict())
        if before != process_count():
            other_results.say(run, who)
        if differences:
            run_images.say_changed(run, trainer.experiment, differences, who)
        run.measurements.sample_again()
    return run


def as_entry(change: LaterChange) -> JournalEntry:
    """The change as a replay repeats it."""
    return JournalEntry(change.step, change.action, change.value)


def damage_words(damaged: Mapping[int, str]) -> str:
    """Why the checkpoints of a run cannot be used, in clauses for `NoCheckpoint`; "" for none. damaged: by step."""
    return listed(f"that of step {step:,} is damaged ({why})" for step, why in damaged.items())


@dataclass(frozen=True)
class _Found:
    """The checkpoint to resume from. changes: what was changed after it. damaged: why newer checkpoints cannot be
    used, by step."""

    captured: Captured
    changes: tuple[LaterChange, ...]
    damaged: Mapping[int, str]


def _newest(run: ActiveRun, trainer: Trainer) -> _Found:
    """The newest checkpoint whose files have the hashes with which they were saved. Raises NoCheckpoint."""
    damaged: dict[int, str] = {}
    for step, folder in reversed(run.files.checkpoints()):
        try:
            captured, extra = checkpoint.opened(folder, trainer.state)
        except BrokenCheckpoint as error:
            damaged[step] = error.reason
            continue
        recorded = extra.get("events")
        changes = changes_after(run.store.events(run.id, None), step, recorded)
        return _Found(captured, tuple(changes), damaged)
    raise NoCheckpoint(run.id, damage_words(damaged))
