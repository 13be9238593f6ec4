"""What a user does with the debugger. Each function sends one command and returns when the engine has answered.

All raise `CommandRefused` where the engine refused (with its sentence), and `EngineGone` where there is none. What changes a
run that has gone back makes a fork of it: those functions return the id of the run that is then under way.
"""

from dataclasses import replace

from pipeline.graph import document, edit
from pipeline.graph.workflow import Workflow
from pipeline.nodes.catalogue import NODES
from pipeline.runs.watching import Breakpoint, Watching
from pipeline.runtime.handle import TrainerHandle
from pipeline.runtime.messages import Command, Snapshot
from pipeline.studio.run.training import BUILD_SECONDS, live_parameters

LONG_SECONDS = 300.0
"""A step of a large network, or reading a checkpoint of one, may take a while."""


def next_stage(trainer: TrainerHandle, seen: Snapshot, who: str) -> None:
    """Does one stage of a step. Refused where somebody else went on since `seen`."""
    trainer.ask(Command("next_stage", run=seen.run, version=seen.version, who=who), LONG_SECONDS)


def finish_step(trainer: TrainerHandle, seen: Snapshot, who: str) -> None:
    """Does the stages that are left of the step that is half walked."""
    trainer.ask(Command("finish_step", run=seen.run, who=who), LONG_SECONDS)


def update_only(trainer: TrainerHandle, seen: Snapshot, who: str, update: str) -> str:
    """One update of a step, by its name, and none of the others; the run's id after it."""
    answer = trainer.ask(Command("only", run=seen.run, who=who, arguments={"role": update}), LONG_SECONDS)
    return str(answer.values["run"])


def back(trainer: TrainerHandle, seen: Snapshot, who: str, step: int) -> None:
    """To an earlier step of the run: from the nearest snapshot or checkpoint, by a replay."""
    trainer.ask(Command("back", run=seen.run, who=who, arguments={"step": step}), LONG_SECONDS)


def run_to(trainer: TrainerHandle, seen: Snapshot, who: str, step: int) -> None:
    """Trains up to a later step and pauses there."""
    trainer.ask(Command("run_to", run=seen.run, who=who, arguments={"step": step}))


def run_until(trainer: TrainerHandle, seen: Snapshot, who: str, condition: str) -> None:
    """Sets the run going until a condition holds."""
    trainer.ask(Command("run", run=seen.run, who=who, arguments={"until": condition}))


def add_breakpoint(trainer: TrainerHandle, seen: Snapshot, who: str, condition: str) -> None:
    """Pauses the run from now on where the condition comes to hold. One that is there already is armed again."""
    others = tuple(each for each in seen.watching.breakpoints if each.expression != condition.strip())
    _watch(trainer, seen, who, replace(seen.watching, breakpoints=(*others, Breakpoint(condition.strip()))))


def arm_breakpoint(trainer: TrainerHandle, seen: Snapshot, who: str, condition: str, enabled: bool) -> None:
    """Heeds a breakpoint, or leaves it without effect."""
    changed = tuple(
        replace(each, enabled=enabled) if each.expression == condition else each for each in seen.watching.breakpoints
    )
    _watch(trainer, seen, who, replace(seen.watching, breakpoints=changed))


def remove_breakpoint(trainer: TrainerHandle, seen: Snapshot, who: str, condition: str) -> None:
    kept = tuple(each for each in seen.watching.breakpoints if each.expression != condition)
    _watch(trainer, seen, who, replace(seen.watching, breakpoints=kept))


def add_watch(trainer: TrainerHandle, seen: Snapshot, who: str, expression: str) -> None:
    """Gives an expression a chart of its own."""
    others = tuple(each for each in seen.watching.watches if each != expression.strip())
    _watch(trainer, seen, who, replace(seen.watching, watches=(*others, expression.strip())))


def remove_watch(trainer: TrainerHandle, seen: Snapshot, who: str, expression: str) -> None:
    kept = tuple(each for each in seen.watching.watches if each != expression)
    _watch(trainer, seen, who, replace(seen.watching, watches=kept))


def set_rewind_budget(trainer: TrainerHandle, seen: Snapshot, who: str, mebibytes: int) -> None:
    """How many MiB of memory snapshots may take; 0 keeps none, and Back then begins at a checkpoint."""
    trainer.ask(Command("set_rewind", run=seen.run, who=who, arguments={"mebibytes": mebibytes}))


def set_probes(trainer: TrainerHandle, seen: Snapshot, who: str, every: int) -> None:
    """Measures all layers in one step of so many; in none for 0."""
    trainer.ask(Command("set_probes", run=seen.run, who=who, arguments={"every": every}))


def fork(
    trainer: TrainerHandle, run: str, workflow: Workflow, who: str, *, step: int | None = None, switch: bool = False
) -> str:
    """Starts a new run of `workflow` that goes on from a step of `run`, and returns its id.

    step: None for where the run stands now, else one of which a checkpoint is kept.
    """
    arguments = {"workflow": document.write(workflow), "step": step, "switch": switch}
    return str(trainer.ask(Command("fork", run=run, who=who, arguments=arguments), BUILD_SECONDS).values["run"])


def workflow_now(workflow_text: str, seen: Snapshot) -> Workflow:
    """The run's workflow with the live values that are in force: what a fork begins from."""
    workflow = document.read(workflow_text, "The run's workflow")
    for live in live_parameters(workflow_text):
        if live.key in seen.live:
            value = seen.live[live.key]
            whole = live.parameter.kind == "int"
            workflow = edit.set_parameter(
                workflow, live.node, live.parameter.name, int(value) if whole else float(value), NODES
            )
    return workflow


def _watch(trainer: TrainerHandle, seen: Snapshot, who: str, watching: Watching) -> None:
    arguments = {"watching": watching.as_json()}
    trainer.ask(Command("set_watching", run=seen.run, version=seen.version, who=who, arguments=arguments))
