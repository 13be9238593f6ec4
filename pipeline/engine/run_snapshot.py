"""The fields of a snapshot that describe a run: the loaded one, or one that failed before it was loaded."""

from collections.abc import Mapping
from typing import Any

from pipeline.engine.debugger import Debugger
from pipeline.engine.walked_stages import SHOWN_IMAGES, SHOWN_LATENTS
from pipeline.errors.training import NodeFailure
from pipeline.inspection.walk import ParameterRow, StageReport
from pipeline.runs.store import RunRecord
from pipeline.runtime.messages.snapshot import ParameterNorms, PlannedUpdate, RewindStatus, StageSnapshot
from pipeline.sampling.grid import grid_png
from pipeline.training.stages import Update


def snapshot_fields(debugger: Debugger) -> Mapping[str, Any]:
    """The fields of a Snapshot that come from the run."""
    run, pictures, rewind = debugger.run, debugger.run.pictures, debugger.run.rewind
    state = run.trainer.state
    stage = debugger.stage
    return {
        "run": run.id,
        "step": run.step,
        "total_steps": run.total_steps,
        "seconds": state.seconds,
        "images_per_second": run.images_per_second,
        "streaming": run.streaming,
        "metrics": run.metrics,
        "live": dict(state.live),
        "saved": run.saved,
        "head": rewind.head,
        "updates": dict(state.counters),
        "stopped": debugger.stopped,
        "stop_kind": debugger.stop_kind,
        "stop_images": debugger.stop_images,
        "watching": debugger.conditions.watching,
        "rewind": RewindStatus(
            snapshots=tuple(rewind.steps),
            checkpoints=tuple(step for step, _ in run.files.checkpoints() if step >= rewind.first),
            size=rewind.size,
            budget=rewind.budget,
            first=rewind.first,
        ),
        "stage": stage_snapshot(debugger, stage) if stage else None,
        "stage_images": stage_pictures(stage) if stage else (),
        "plan": tuple(_planned(update, count) for update, count in run.trainer.plan),
        "idle": tuple(
            _planned(update, 0) for update in run.trainer.experiment.updates if not update.takes_part(run.step)
        ),
        "active": stage.node if stage else "",
        "probes": pictures.probes,
        "probe_share": pictures.probe_share,
        "profiling": debugger.profile.progress if debugger.profile else None,
        "samples": pictures.samples,
        "samples_step": pictures.samples_step,
        "reals": pictures.reals,
    }


def fields_of_failed(record: RunRecord, error: BaseException) -> Mapping[str, Any]:
    """The fields of a Snapshot of a run that failed while it was prepared."""
    return {
        "state": "failed",
        "run": record.id,
        "name": record.name,
        "device": record.device,
        "step": record.step,
        "total_steps": record.total_steps,
        "active": error.node_id if isinstance(error, NodeFailure) else "",
        "error": str(error),
    }


def _planned(update: Update, count: int) -> PlannedUpdate:
    return PlannedUpdate(update.name, count, tuple((each.name, each.node) for each in update.operations))


def stage_snapshot(debugger: Debugger, stage: StageReport) -> StageSnapshot:
    """A stage of the current step as pages show it."""
    update, operation = debugger.run.trainer.upcoming
    return StageSnapshot(
        update=stage.update,
        name=stage.name,
        node=stage.node,
        number=stage.number,
        of=stage.of,
        next_update=update.name,
        next_name=operation.name,
        next_node=operation.node,
        next_begins=operation is update.operations[0],
        formula=stage.formula,
        # Custom nodes may make numbers and scores of any type and shape.
        values={name: float(value) for name, value in stage.values.items()},
        rows=tuple(stage.rows),
        labels=stage.labels,
        numbers={name: tuple(numbers.tolist()) for name, numbers in stage.numbers.items()},
        scores=() if stage.scores is None else tuple(stage.scores.ravel().tolist()),
        latents=() if stage.latents is None else tuple(tuple(row) for row in stage.latents[:SHOWN_LATENTS].tolist()),
        roles=stage.roles,
        parameters=tuple(map(_norms, stage.parameters)),
    )


def _norms(row: ParameterRow) -> ParameterNorms:
    return ParameterNorms(name=row.name, shape=row.shape, weight=row.weight, gradient=row.gradient, update=row.update)


def stage_pictures(stage: StageReport) -> tuple[bytes, ...]:
    """The first images as PNGs, one each, row by row if there are several rows; () without any."""
    rows = tuple(stage.rows.values()) or (() if stage.images is None else (stage.images,))
    return tuple(grid_png(image[None]) for images in rows for image in images[:SHOWN_IMAGES])
