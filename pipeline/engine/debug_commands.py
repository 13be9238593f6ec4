"""Handlers of the debugger's commands: walk a step, update one network, go back, stop on a condition, inspect, fork.

They work like those in `run_commands.py`. A command that changes the training of a rewound run forks it first
(`Session.present`), so that no recorded step is lost.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

from pipeline.engine import launching, look_commands
from pipeline.engine.debugger import Debugger
from pipeline.engine.replacing import replace_run
from pipeline.engine.run_commands import MOST_STEPS, Handler, trainable
from pipeline.engine.run_profile import RunProfile
from pipeline.engine.run_snapshot import stage_pictures, stage_snapshot
from pipeline.engine.session import Session
from pipeline.errors.base import Refusal
from pipeline.errors.training import StaleCommand
from pipeline.inspection.rewind import MEBIBYTE
from pipeline.nodes.workflow_changes import Change
from pipeline.runs.profile_records import MOST_STEPS as MOST_PROFILED
from pipeline.runs.watching import MOST
from pipeline.runtime.messages.answers import CodesView, InsideView, StageView
from pipeline.runtime.messages.commands import (
    Back,
    Command,
    FinishStep,
    Fork,
    LookAtCodes,
    LookAtStage,
    LookInside,
    NextStage,
    Profile,
    RunTo,
    RunToStage,
    SetProbes,
    SetRewind,
    SetWatching,
    UpdateOnly,
)
from pipeline.training.trainer import Trainer

MOST_BUDGET_MEBIBYTES = 1024 * 1024


def next_stage(session: Session, command: NextStage) -> None:
    _require_unchanged(session, command, "Next stage")
    debugger = _still(session, "Next stage", command)
    if debugger.run.trainer.unprepared:
        # Preparing the step may be slow: like a slow walk, it goes on after the answer.
        session.walk(command.who, 1)
        return
    debugger.next_stage()
    session.change(state="paused", until=None, who=command.who)


def run_to_stage(session: Session, command: RunToStage) -> None:
    """Do the stages up to a later one; a slow walk goes on after the answer, and Pause stops it between two stages."""
    _require_unchanged(session, command, "Run to this stage")
    debugger = _still(session, "Run to this stage", command)
    trainer = debugger.run.trainer
    last = sum(count * len(update.operations) for update, count in trainer.plan)
    done = debugger.stage.number if debugger.stage and not trainer.between_steps else 0
    if not done < command.stage <= last:
        raise Refusal(f"Run to this stage goes to a later stage of the step, {done + 1:,} to {last:,}.")
    session.walk(command.who, command.stage)


def look_at_stage(session: Session, command: LookAtStage) -> StageView:
    """What a done stage of the current step made."""
    debugger = session.debugger("Show this stage", command)
    report = debugger.walked.find(command.stage)
    if report is None:
        raise Refusal(f"What stage {command.stage:,} made is no longer kept: the next step has begun, or it was large.")
    return StageView(stage=stage_snapshot(debugger, report), images=stage_pictures(report))


def finish_step(session: Session, command: FinishStep) -> None:
    _still(session, "Finish step", command).finish_step()
    session.change(who=command.who)


def update_only(session: Session, command: UpdateOnly) -> None:
    """Do one update of one network."""
    debugger = _still(session, f"{command.role.capitalize()} only", command)
    debugger.finish_half_step()
    update = f"one update of the {command.role} only"
    session.present(command.who, [Change(update, update)]).update_only(command.role, command.who)
    session.change(state="paused", who=command.who)


def back(session: Session, command: Back) -> None:
    """Go back to an earlier step of the run: restore a snapshot or checkpoint and replay the steps after it."""
    debugger = session.debugger("Back", command)
    step = command.step
    if step >= debugger.run.step and debugger.run.trainer.between_steps:
        raise Refusal(f"Back goes to a step before step {debugger.run.step:,}, not to {step:,}.")
    restored = debugger.back(step, command.who)
    session.move(command.who, step, back=True)
    if restored == step:
        session.halt()


def run_to(session: Session, command: RunTo) -> None:
    """Train up to a later step, then pause."""
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
    """Replace the breakpoints and watches."""
    debugger = session.debugger("The change", command)
    _require_unchanged(session, command, "The change of breakpoints and watches", "watching")
    wanted = command.watching
    if max(len(wanted.breakpoints), len(wanted.watches)) > MOST:
        raise Refusal(f"A run has at most {MOST} breakpoints and {MOST} watches. Remove one first.")
    debugger.conditions.set_watching(wanted)
    session.change()
    session.changed_in["watching"] = session.snapshot.version


def set_rewind(session: Session, command: SetRewind) -> None:
    """Set the memory limit, in MiB, of the snapshots for rewind."""
    debugger = session.debugger("The change", command)
    mebibytes = command.mebibytes
    if not 0 <= mebibytes <= MOST_BUDGET_MEBIBYTES:
        raise Refusal(f"Choose 0 to {MOST_BUDGET_MEBIBYTES:,} MiB of rewind memory, not {mebibytes:,}.")
    debugger.run.rewind.set_budget(mebibytes * MEBIBYTE)
    session.change()


def set_probes(session: Session, command: SetProbes) -> None:
    """Measure all layers every `every` steps; 0 turns probes off."""
    debugger = session.debugger("The change", command)
    every = command.every
    if not 0 <= every <= 1_000_000:
        raise Refusal(f"Choose 1 to 1,000,000 steps between probes, or 0 for no probes, not {every:,}.")
    debugger.run.pictures.set_probes(every)
    session.change()


def profile(session: Session, command: Profile) -> None:
    """Profile the next steps, which are trained and recorded as in a chunk; a run that trains goes on training."""
    debugger = session.debugger("Profile", command)
    if not 1 <= command.steps <= MOST_PROFILED:
        raise Refusal(f"A profile measures 1 to {MOST_PROFILED} steps, not {command.steps:,}.")
    if debugger.profile is not None:
        raise Refusal("A profile of this run is being taken already. Wait until it is done, or pause the run.")
    if session.rewinding or session.walking:
        raise StaleCommand("Profile", f"{session.snapshot.who or 'another user'} moves the run to a step")
    if session.busy:
        debugger.profile = RunProfile(debugger.run, command.steps, command.who)
        session.change()
        return
    debugger.begin()
    if debugger.stop_kind:
        session.halt()
        return
    steps = command.steps + 1
    debugger.profile = RunProfile(debugger.run, command.steps, command.who)
    if debugger.run.step + steps > debugger.run.total_steps:
        debugger.run.extend(steps)
    session.move(command.who, debugger.run.step + steps)


def look_inside(session: Session, command: LookInside) -> InsideView:
    """Saliency and activations for one image."""
    return look_commands.look_inside(_between_steps(session, "Look inside", command), command)


def look_at_codes(session: Session, command: LookAtCodes) -> CodesView:
    """Reconstructions of images, and their codes in two dimensions."""
    return look_commands.look_at_codes(_between_steps(session, "Look at codes", command), command)


def _between_steps(session: Session, action: str, command: Command[Any]) -> Trainer:
    """The trainer, between two steps: finish a half-walked step first."""
    debugger = session.debugger(action, command)
    if not debugger.run.trainer.between_steps:
        debugger.finish_half_step()
        session.change()
    return debugger.run.trainer


def fork(session: Session, command: Fork) -> None:
    """Start a new run of another workflow, from the parent run's current state or from one of its checkpoints."""
    workflow = trainable(command.workflow, "The workflow")
    parent = session.store.run(command.run)
    debugger = session.under_way(parent.id)
    step = command.step
    if debugger is not None and step is None:
        debugger.finish_half_step()
    here = debugger is not None and step in (None, debugger.run.step)
    processes = workflow.training.processes
    if here and debugger is not None:
        if processes != session.kind.processes:
            _require_kept(debugger, command)
        captured = debugger.run.trainer.capture()
    else:
        kept = [each for each, _ in session.store.files(parent.id).checkpoints()]
        captured = launching.checkpoint_of(session.store, parent.id, step if step is not None else max(kept, default=0))
    make = partial(launching.fork, session.store, parent, captured, workflow, command.who)
    replace_run(session, command, "fork", processes, make)
    session.move(command.who)


def _require_kept(debugger: Debugger, command: Fork) -> None:
    """Raise Refusal unless the state to fork from will be on disk for an engine that takes over: that of a step before
    the head is in memory alone."""
    run = debugger.run
    if run.rewind.behind_head and (command.step is None or run.step not in dict(run.files.checkpoints())):
        raise Refusal(
            f"A fork for another number of processes begins with a checkpoint. Press Save checkpoint at step "
            f"{run.step:,}, and fork from that step."
        )


def _still(session: Session, action: str, command: Command[Any]) -> Debugger:
    """The debugger of the loaded run. Raises StaleCommand if the run is training."""
    debugger = session.debugger(action, command)
    if session.busy:
        raise StaleCommand(action, f"{session.snapshot.who or 'another user'} started training")
    return debugger


def _require_unchanged(session: Session, command: Command[Any], action: str, what: str = "") -> None:
    """Raise StaleCommand if the state has changed since the snapshot that the user saw.

    what: a key of `Session.changed_in`, to check only this part; "" for any change.
    """
    newest = session.changed_in.get(what, 0) if what else session.snapshot.version
    if command.version is not None and newest > command.version:
        raise StaleCommand(action, f"{session.snapshot.who or 'another user'} changed something")


DEBUG_COMMANDS: Mapping[type[Command[Any]], Handler] = {
    NextStage: next_stage,
    RunToStage: run_to_stage,
    LookAtStage: look_at_stage,
    FinishStep: finish_step,
    UpdateOnly: update_only,
    Back: back,
    RunTo: run_to,
    SetWatching: set_watching,
    SetRewind: set_rewind,
    SetProbes: set_probes,
    Profile: profile,
    LookInside: look_inside,
    LookAtCodes: look_at_codes,
    Fork: fork,
}
