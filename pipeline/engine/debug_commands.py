"""The debugger's commands: walk a step, update one network, go back, stop on a condition, look inside, fork.

Functions like those of `run_commands.py`. What changes the course of a run that has gone back makes a fork of it first
(`Session.present`), so that nothing it came to is lost.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

from pipeline.engine import launching, look_commands
from pipeline.engine.debugger import Debugger
from pipeline.engine.run_commands import MOST_STEPS, Handler, trainable
from pipeline.engine.session import Session
from pipeline.errors.base import Refusal
from pipeline.errors.training import StaleCommand
from pipeline.inspection.rewind import MEBIBYTE
from pipeline.runs.watching import MOST
from pipeline.runtime.messages.answers import CodesView, InsideView
from pipeline.runtime.messages.commands import (
    Back,
    Command,
    FinishStep,
    Fork,
    LookAtCodes,
    LookInside,
    NextStage,
    RunTo,
    SetProbes,
    SetRewind,
    SetWatching,
    UpdateOnly,
)
from pipeline.training.trainer import Trainer

MOST_BUDGET_MEBIBYTES = 1024 * 1024


def next_stage(session: Session, command: NextStage) -> None:
    _require_unchanged(session, command, "Next stage")
    _still(session, "Next stage", command).next_stage()
    session.change(state="paused", until=None, who=command.who)


def finish_step(session: Session, command: FinishStep) -> None:
    _still(session, "Finish step", command).finish_step()
    session.change(who=command.who)


def update_only(session: Session, command: UpdateOnly) -> None:
    """One update of one network."""
    debugger = _still(session, f"{command.role.capitalize()} only", command)
    debugger.finish_half_step()
    session.present(command.who).update_only(command.role, command.who)
    session.change(state="paused", who=command.who)


def back(session: Session, command: Back) -> None:
    """To a step that the run has been at; on the way there, what is trained again is a replay."""
    debugger = session.debugger("Back", command)
    step = command.step
    if step >= debugger.run.step and debugger.run.trainer.between_steps:
        raise Refusal(f"Back goes to a step before step {debugger.run.step:,}, not to {step:,}.")
    found = debugger.back(step, command.who)
    session.move(command.who, step, back=True)
    if found == step:
        session.halt()


def run_to(session: Session, command: RunTo) -> None:
    """To a step further on, and pause there."""
    debugger = session.debugger("Run to step", command)
    step = command.step
    if not debugger.run.step < step <= MOST_STEPS:
        raise Refusal(
            f"Run to step needs a step after step {debugger.run.step:,}, not {step:,}. Back goes to an earlier one."
        )
    debugger.begin()
    if step > debugger.run.total_steps:
        debugger.run.extend(step - debugger.run.step)
    session.move(command.who, step)


def set_watching(session: Session, command: SetWatching) -> None:
    """Other breakpoints and watches."""
    debugger = session.debugger("The change", command)
    _require_unchanged(session, command, "The change of breakpoints and watches", "watching")
    wanted = command.watching
    if max(len(wanted.breakpoints), len(wanted.watches)) > MOST:
        raise Refusal(f"A run has at most {MOST} breakpoints and {MOST} watches. Remove one first.")
    debugger.set_watching(wanted)
    session.change()
    session.changed_in["watching"] = session.snapshot.version


def set_rewind(session: Session, command: SetRewind) -> None:
    """How many MiB the snapshots in memory may take."""
    debugger = session.debugger("The change", command)
    mebibytes = command.mebibytes
    if not 0 <= mebibytes <= MOST_BUDGET_MEBIBYTES:
        raise Refusal(f"Rewind memory is from 0 to {MOST_BUDGET_MEBIBYTES:,} MiB, not {mebibytes:,}.")
    debugger.run.rewind.set_budget(mebibytes * MEBIBYTE)
    session.change()


def set_probes(session: Session, command: SetProbes) -> None:
    """Measures all layers in one step of so many; in none for 0."""
    debugger = session.debugger("The change", command)
    every = command.every
    if not 0 <= every <= 1_000_000:
        raise Refusal(f"Probes come every 1 to 1,000,000 steps, or 0 for none; not every {every:,}.")
    debugger.run.pictures.set_probes(every)
    session.change()


def look_inside(session: Session, command: LookInside) -> InsideView:
    """Pictures of what the networks make of one image."""
    return look_commands.look_inside(_between_steps(session, "Look inside", command), command)


def look_at_codes(session: Session, command: LookAtCodes) -> CodesView:
    """Images encoded and decoded, and where their codes are."""
    return look_commands.look_at_codes(_between_steps(session, "A look at codes", command), command)


def _between_steps(session: Session, action: str, command: Command[Any]) -> Trainer:
    """The trainer, after the step that is half walked."""
    debugger = session.debugger(action, command)
    if not debugger.run.trainer.between_steps:
        debugger.finish_half_step()
        session.change()
    return debugger.run.trainer


def fork(session: Session, command: Fork) -> None:
    """A new run of another workflow, from where the run of the command stands or from one of its checkpoints."""
    workflow = trainable(command.workflow, "The workflow")
    parent = session.store.run(command.run)
    debugger = session.under_way(parent.id)
    step = command.step
    if debugger is not None and step is None:
        debugger.finish_half_step()
    here = debugger is not None and step in (None, debugger.run.step)
    if here and debugger is not None:
        captured = debugger.run.trainer.capture()
    else:
        kept = [each for each, _ in session.store.files(parent.id).checkpoints()]
        captured = launching.checkpoint_of(session.store, parent.id, step if step is not None else max(kept, default=0))
    session.replace_run(
        command, "fork", partial(launching.fork, session.store, parent, captured, workflow, command.who)
    )
    session.move(command.who)


def _still(session: Session, action: str, command: Command[Any]) -> Debugger:
    """The run under way, which must not be moving. Raises StaleCommand where it is."""
    debugger = session.debugger(action, command)
    if session.busy:
        raise StaleCommand(action, f"{session.snapshot.who or 'somebody'} set the run going")
    return debugger


def _require_unchanged(session: Session, command: Command[Any], action: str, what: str = "") -> None:
    """Raises StaleCommand where the user saw another state than there is: of `what`, or at all."""
    newest = session.changed_in.get(what, 0) if what else session.snapshot.version
    if command.version is not None and newest > command.version:
        raise StaleCommand(action, f"{session.snapshot.who or 'somebody'} changed something")


DEBUG_COMMANDS: Mapping[type[Command[Any]], Handler] = {
    NextStage: next_stage,
    FinishStep: finish_step,
    UpdateOnly: update_only,
    Back: back,
    RunTo: run_to,
    SetWatching: set_watching,
    SetRewind: set_rewind,
    SetProbes: set_probes,
    LookInside: look_inside,
    LookAtCodes: look_at_codes,
    Fork: fork,
}
