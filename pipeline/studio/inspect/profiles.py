"""Profiles of training steps: take one, and show those that are kept, in words and as tables.

Times in tables are per step, so that stages add up to a step.
"""

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from pipeline.formatting import ago, counted, number, thread_words
from pipeline.runs import profiles
from pipeline.runs.profile_records import BETWEEN, Profile, StageTime
from pipeline.runs.store import Store
from pipeline.runtime.handle import TrainerHandle
from pipeline.runtime.messages import commands
from pipeline.runtime.messages.snapshot import Snapshot
from pipeline.studio.run.debugging import LONG_SECONDS
from pipeline.studio.stages import stage_text
from pipeline.studio.stages.stage_facts import RunStages

SHOWN_OPERATORS = 30
OPERATORS, ELSE, KERNELS = "operators", "Python and waiting", "GPU kernels"
"""The parts of a stage's time in the chart."""
REST = "Rest of the step"
ENGINE = "autograd::engine::evaluate_function: "
"""The beginning of names that would hide the rest of them in a column."""


def take(trainer: TrainerHandle, snapshot: Snapshot, who: str, steps: int) -> None:
    """Profile the next steps: a paused run trains them and one before them, to warm up; a run that trains goes on.

    Returns at once. Raises CommandRefused (with the engine's message) or EngineGone.
    """
    trainer.ask(commands.Profile(steps=steps, run=snapshot.run, who=who), LONG_SECONDS)


def kept(store: Store, run: str) -> tuple[Profile, ...]:
    """The profiles of a run that are kept, the newest first."""
    return profiles.load(store.files(run))


def trace_file(store: Store, run: str, profile: Profile) -> Path | None:
    """The trace of a profile, packed with gzip; None if it is missing."""
    return profiles.trace_of(store.files(run), profile)


def trace_name(run: str, profile: Profile) -> str:
    """What a trace is called when it is downloaded."""
    return f"{run}-steps-{profile.first}-{profile.last}.json.gz"


def progress_words(done: int, wanted: int) -> str:
    """How far a profile is that is being taken."""
    if done >= wanted:
        return "Adding up the profile"
    return f"Profiling: {done:,} of {counted(wanted, 'step')} measured" if done else "Profiling: warming up"


def title(profile: Profile) -> str:
    """What a profile measured and when, for a choice of profiles."""
    steps = f"Step {profile.first:,}" if profile.steps == 1 else f"Steps {profile.first:,} to {profile.last:,}"
    return f"{steps} ({ago(profile.made)})"


def summary(profile: Profile, run: RunStages) -> str:
    """The time of a step, with what it was measured, and its longest stage."""
    each = profile.tables.milliseconds / profile.steps
    where = f"{profile.device} with {thread_words(profile.threads)}"
    if profile.processes > 1:
        where += f" in process 0 of {profile.processes:,}"
    longest = max(profile.tables.stages, key=lambda stage: stage.total)
    return (
        f"A step took {number(each)} ms, profiler included, on {where} ({profile.versions}). "
        f"Its longest stage, with {longest.share:.0%}, is {_in_words(longest, profile, run)}."
    )


def stage_names(profile: Profile, run: RunStages) -> tuple[str, ...]:
    """A name for each stage, in their order."""
    return tuple(_stage_name(stage.update, stage.stage, profile, run) for stage in profile.tables.stages)


def stage_table(profile: Profile, run: RunStages) -> pa.Table:
    """Stage, Calls, Total, Self, Share, GPU, Memory: a row for each stage, in the order of a step. Times in ms per
    step, Share in percent, memory in bytes. GPU only if kernels ran on one."""
    stages = profile.tables.stages
    columns = {
        "Stage": pa.array(stage_names(profile, run), pa.string()),
        "Calls": pa.array([stage.calls for stage in stages], pa.int64()),
        "Total": _per_step([stage.total for stage in stages], profile),
        "Self": _per_step([stage.own for stage in stages], profile),
        "Share": pa.array([100 * stage.share for stage in stages], pa.float64()),
        "GPU": _per_step([stage.device for stage in stages], profile),
        "Memory": pa.array([stage.memory for stage in stages], pa.int64()),
    }
    return _with_gpu_if_used(columns, profile)


def operator_table(profile: Profile, run: RunStages) -> pa.Table:
    """Operator, Calls, Self, Total, GPU, Memory, Most in, There: the most expensive operators, in that order. Times in
    ms per step; There is the share, in percent, of its cost in the stage where it costs most."""
    found = profile.tables.operators[:SHOWN_OPERATORS]
    columns = {
        "Operator": pa.array([each.name.replace(ENGINE, "autograd: ") for each in found], pa.string()),
        "Calls": pa.array([each.calls for each in found], pa.int64()),
        "Self": _per_step([each.own for each in found], profile),
        "Total": _per_step([each.total for each in found], profile),
        "GPU": _per_step([each.device for each in found], profile),
        "Memory": pa.array([each.memory for each in found], pa.int64()),
        "Most in": pa.array([_stage_name(each.update, each.stage, profile, run) for each in found], pa.string()),
        "There": pa.array([100 * each.stage_share for each in found], pa.float64()),
    }
    return _with_gpu_if_used(columns, profile)


def chart_table(profile: Profile, run: RunStages, *, gpu: bool) -> pa.Table:
    """Columns stage, update, part, ms (per step) and share (of a step): the parts of each stage's time. gpu: of the
    kernels' time instead of the CPU's."""
    rows = []
    for name, stage in zip(stage_names(profile, run), profile.tables.stages, strict=True):
        parts = {KERNELS: stage.device} if gpu else {OPERATORS: stage.total - stage.own, ELSE: stage.own}
        for part, time in parts.items():
            share = time / profile.tables.milliseconds if profile.tables.milliseconds else 0.0
            rows.append(
                {"stage": name, "update": stage.update, "part": part, "ms": time / profile.steps, "share": share}
            )
    return pa.Table.from_pylist(rows)


def updates(profile: Profile) -> tuple[str, ...]:
    """The updates of its stages, BETWEEN last."""
    return tuple(dict.fromkeys(stage.update for stage in profile.tables.stages))


def _stage_name(update: str, stage: str, profile: Profile, run: RunStages) -> str:
    if stage == BETWEEN:
        return REST
    heading = stage_text.heading(stage, run)
    of_several = len(set(updates(profile)) - {BETWEEN}) > 1
    return f"{update[:1].upper()}{update[1:]}: {heading[:1].lower()}{heading[1:]}" if of_several else heading


def _in_words(stage: StageTime, profile: Profile, run: RunStages) -> str:
    name = _stage_name(stage.update, stage.stage, profile, run)
    return f"{name[:1].lower()}{name[1:]}"


def _per_step(milliseconds: Sequence[float], profile: Profile) -> pa.Array:
    return pa.array([each / profile.steps for each in milliseconds], pa.float64())


def _with_gpu_if_used(columns: dict[str, pa.Array], profile: Profile) -> pa.Table:
    return pa.table({name: column for name, column in columns.items() if name != "GPU" or profile.tables.on_device})
