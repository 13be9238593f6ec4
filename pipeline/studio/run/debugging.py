"""The debugger's commands. Each function sends one command and returns when the engine has answered.

All raise `CommandRefused` (with the engine's message) if the engine refuses, and `EngineGone` if there is no engine.
Changing a run that was rewound creates a fork; functions that may do so return the id of the run that is then loaded.
"""

from dataclasses import replace

from pipeline.graph import document, edit
from pipeline.graph.workflow import Workflow
from pipeline.nodes.catalogue import NODES
from pipeline.runs.watching import Breakpoint, Watching
from pipeline.runtime.handle import TrainerHandle
from pipeline.runtime.messages.answers import StageView
from pipeline.runtime.messages.commands import (
    Back,
    FinishStep,
    Fork,
    LookAtStage,
    NextStage,
    Run,
    RunTo,
    RunToStage,
    SetProbes,
    SetRewind,
    SetWatching,
    UpdateOnly,
)
from pipeline.runtime.messages.snapshot import Snapshot
from pipeline.studio.run.training import BUILD_SECONDS, live_parameters

LONG_SECONDS = 300.0
"""Timeout for commands that may run a step of a large network or read its checkpoint."""


def next_stage(trainer: TrainerHandle, snapshot: Snapshot, who: str) -> None:
    """Do the next stage of a step. Refused if another user has advanced the run since `snapshot`."""
    trainer.ask(NextStage(run=snapshot.run, version=snapshot.version, who=who), LONG_SECONDS)


def run_to_stage(trainer: TrainerHandle, snapshot: Snapshot, who: str, stage: int) -> None:
    """Do the stages up to this one. stage: its place in the step, from 1. Refused as `next_stage` is.

    A walk that takes longer than a moment goes on after this call; `training.pause` stops it between two stages.
    """
    trainer.ask(RunToStage(stage=stage, run=snapshot.run, version=snapshot.version, who=who), LONG_SECONDS)


def look_at_stage(trainer: TrainerHandle, snapshot: Snapshot, stage: int) -> StageView:
    """What a done stage of the current step made."""
    return trainer.ask(LookAtStage(stage=stage, run=snapshot.run), LONG_SECONDS)


def finish_step(trainer: TrainerHandle, snapshot: Snapshot, who: str) -> None:
    """Do the remaining stages of the step being walked."""
    trainer.ask(FinishStep(run=snapshot.run, who=who), LONG_SECONDS)


def update_only(trainer: TrainerHandle, snapshot: Snapshot, who: str, update: str) -> str:
    """Do one update of a step, by its name, without the others; return the id of the run after it."""
    return trainer.ask(UpdateOnly(role=update, run=snapshot.run, who=who), LONG_SECONDS).run


def back(trainer: TrainerHandle, snapshot: Snapshot, who: str, step: int) -> None:
    """Rewind to an earlier step of the run, by a replay from the nearest earlier snapshot or checkpoint."""
    trainer.ask(Back(step=step, run=snapshot.run, who=who), LONG_SECONDS)


def run_to(trainer: TrainerHandle, snapshot: Snapshot, who: str, step: int) -> None:
    """Train to a later step and pause there."""
    trainer.ask(RunTo(step=step, run=snapshot.run, who=who))


def run_until(trainer: TrainerHandle, snapshot: Snapshot, who: str, condition: str) -> None:
    """Train until a condition holds."""
    trainer.ask(Run(until=condition, run=snapshot.run, who=who))


def add_breakpoint(trainer: TrainerHandle, snapshot: Snapshot, who: str, condition: str) -> None:
    """Pause the run whenever the condition becomes true. A breakpoint with this condition is enabled again."""
    others = tuple(each for each in snapshot.watching.breakpoints if each.expression != condition.strip())
    _watch(trainer, snapshot, who, replace(snapshot.watching, breakpoints=(*others, Breakpoint(condition.strip()))))


def enable_breakpoint(trainer: TrainerHandle, snapshot: Snapshot, who: str, condition: str, enabled: bool) -> None:
    """Enable or disable a breakpoint."""
    changed = tuple(
        replace(each, enabled=enabled) if each.expression == condition else each
        for each in snapshot.watching.breakpoints
    )
    _watch(trainer, snapshot, who, replace(snapshot.watching, breakpoints=changed))


def remove_breakpoint(trainer: TrainerHandle, snapshot: Snapshot, who: str, condition: str) -> None:
    kept = tuple(each for each in snapshot.watching.breakpoints if each.expression != condition)
    _watch(trainer, snapshot, who, replace(snapshot.watching, breakpoints=kept))


def add_watch(trainer: TrainerHandle, snapshot: Snapshot, who: str, expression: str) -> None:
    """Watch an expression, which is then drawn as a chart."""
    others = tuple(each for each in snapshot.watching.watches if each != expression.strip())
    _watch(trainer, snapshot, who, replace(snapshot.watching, watches=(*others, expression.strip())))


def remove_watch(trainer: TrainerHandle, snapshot: Snapshot, who: str, expression: str) -> None:
    kept = tuple(each for each in snapshot.watching.watches if each != expression)
    _watch(trainer, snapshot, who, replace(snapshot.watching, watches=kept))


def set_rewind_budget(trainer: TrainerHandle, snapshot: Snapshot, who: str, mebibytes: int) -> None:
    """Limit the memory for snapshots to `mebibytes` MiB; with 0, none are kept and Back starts from a checkpoint."""
    trainer.ask(SetRewind(mebibytes=mebibytes, run=snapshot.run, who=who))


def set_probes(trainer: TrainerHandle, snapshot: Snapshot, who: str, every: int) -> None:
    """Measure all layers at every `every`-th step; 0 turns probes off."""
    trainer.ask(SetProbes(every=every, run=snapshot.run, who=who))


def fork(
    trainer: TrainerHandle, run: str, workflow: Workflow, who: str, *, step: int | None = None, switch: bool = False
) -> str:
    """Start a new run of `workflow` that continues from a step of `run`, and return its id.

    step: one that has a checkpoint; None for the current step. switch: pause the loaded run first instead of being
    refused.
    """
    command = Fork(workflow=document.write(workflow), step=step, switch=switch, run=run, who=who)
    return trainer.ask(command, BUILD_SECONDS).run


def current_workflow(workflow_text: str, snapshot: Snapshot) -> Workflow:
    """The run's workflow with its current live values, as the starting point of a fork."""
    workflow = document.read(workflow_text, "The run's workflow")
    for live in live_parameters(workflow_text):
        if live.key in snapshot.live:
            value = snapshot.live[live.key]
            whole = live.parameter.kind == "int"
            workflow = edit.set_parameter(
                workflow, live.node, live.parameter.name, int(value) if whole else float(value), NODES
            )
    return workflow


def _watch(trainer: TrainerHandle, snapshot: Snapshot, who: str, watching: Watching) -> None:
    trainer.ask(SetWatching(watching=watching, run=snapshot.run, version=snapshot.version, who=who))
