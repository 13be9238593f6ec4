"""Handlers of the commands for a run: start, resume, reproduce, run, pause, chunk, save, change a live parameter.

Each handler takes the session and the command, and returns the answer, or None for `Done`. It raises GenscopeError if
the command is refused or fails.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from pipeline.engine import launching, reproducing, resuming
from pipeline.engine.live_changes import check_live
from pipeline.engine.replacing import replace_run
from pipeline.engine.session import Session
from pipeline.errors.base import Refusal
from pipeline.errors.runs import RunComplete
from pipeline.errors.training import EngineBusy, StaleCommand
from pipeline.formatting import plain
from pipeline.nodes.checked_workflow import CheckedWorkflow, check_run, read_and_check
from pipeline.nodes.devices import resolve_device
from pipeline.nodes.workflow_changes import live_change
from pipeline.runtime.messages.answers import AnyAnswer
from pipeline.runtime.messages.commands import (
    Chunk,
    Command,
    Pause,
    Reproduce,
    Resume,
    Run,
    SaveCheckpoint,
    SetLive,
    Start,
)
from pipeline.training.given_weights import InitialWeights

Handler = Callable[[Session, Any], AnyAnswer | None]
MOST_STEPS = 1_000_000_000


def trainable(text: str, source: str) -> CheckedWorkflow:
    """Parse a workflow document and check that this process can train it, before the loaded run is released for it.

    source: what to call the document in errors. Raises UnreadableDocument, InvalidWorkflow, UnknownDevice and
    MadeInPython.
    """
    workflow = read_and_check(text, source)
    _require_trainable(workflow)
    return workflow


def _require_trainable(workflow: CheckedWorkflow) -> None:
    resolve_device(workflow.training.device)
    workflow.require_given()


def start(session: Session, command: Start) -> None:
    workflow = trainable(command.workflow, "The workflow")
    # Read before the loaded run is released for it.
    initial = InitialWeights.in_file(command.weights, command.network) if command.weights else None
    make = partial(launching.start, session.store, workflow, command.who, initial=initial, name=command.name)
    replace_run(session, command, "start", workflow.training.processes, make)
    session.move(command.who)


def resume(session: Session, command: Resume) -> None:
    """Load a stored run from its last checkpoint, and train it unless `paused`."""
    record = session.store.run(command.run)
    if not session.under_way(record.id):
        workflow = check_run(record, "resume it")
        _require_trainable(workflow)
        load = partial(
            resuming.resume, session.store, record.id, workflow, command.who, accept_data=command.accept_data
        )
        replace_run(session, command, "resume", workflow.training.processes, load)
    if command.paused:
        session.change(state="paused", until=None, who=command.who)
    else:
        _move(session, command.who, command.steps)


def reproduce(session: Session, command: Reproduce) -> None:
    """Start a stored run again from its record, and train it to that run's last step."""
    record, now = session.store.run(command.run), session.snapshot
    if session.busy and not command.switch:
        raise EngineBusy(now.run, now.name, now.who)
    workflow = reproducing.workflow_to_reproduce(record)
    make = partial(reproducing.reproduce, session.store, record, workflow, command.who)
    replace_run(session, command, "reproduce", workflow.training.processes, make)
    session.move(command.who, record.step)


def run(session: Session, command: Run) -> None:
    session.debugger("Run", command)
    _move(session, command.who, command.steps, command.until)


def chunk(session: Session, command: Chunk) -> None:
    debugger = session.debugger("Chunk", command)
    steps = command.steps
    if not 1 <= steps <= MOST_STEPS:
        raise Refusal(f"A chunk has between 1 and {MOST_STEPS:,} steps, not {steps:,}.")
    if session.busy:
        raise StaleCommand("The chunk", f"{session.snapshot.who or 'another user'} started training")
    before = debugger.run.step
    debugger.begin()
    # Finishing a half-walked step counts as the first step of the chunk.
    steps -= debugger.run.step - before
    if debugger.stop_kind or steps == 0:
        session.halt()
        return
    if debugger.run.step + steps > debugger.run.total_steps:
        debugger.run.extend(steps)
    session.move(command.who, debugger.run.step + steps)


def pause(session: Session, command: Pause) -> None:
    session.debugger("Pause", command)
    if session.busy:
        session.halt(command.who)


def save_checkpoint(session: Session, command: SaveCheckpoint) -> None:
    debugger = session.debugger("Save checkpoint", command)
    debugger.finish_half_step()
    debugger.run.save_on_request(command.who)
    session.change()


def set_live(session: Session, command: SetLive) -> None:
    debugger = session.debugger("The change", command)
    node, parameter, value = command.node, command.parameter, float(command.value)
    key = f"{node}.{parameter}"
    if command.version is not None and session.changed_in.get(key, 0) > command.version:
        if session.snapshot.live[key] == value:
            # A number field that is left soon after Enter sends its value twice; or two users want the same.
            return
        raise StaleCommand(f"The change of {key}", f"it was set to {plain(session.snapshot.live[key])}")
    debugger.finish_half_step()
    check_live(debugger.run, node, parameter, value)
    changes = live_change(debugger.run.checked, key, debugger.run.trainer.state.live[key], value)
    session.present(command.who, changes).run.set_live(node, parameter, value, command.who)
    session.change()
    session.changed_in[key] = session.snapshot.version


def _move(session: Session, who: str, steps: int | None, until: str | None = None) -> None:
    debugger = session.debugger("Run")
    debugger.finish_half_step()
    further = steps or 0
    if not 0 <= further <= MOST_STEPS:
        raise Refusal(f"A run can be continued for 1 to {MOST_STEPS:,} steps, not for {further:,}.")
    if not further and debugger.run.step >= debugger.run.total_steps and not debugger.run.unfinished:
        raise RunComplete(debugger.run.total_steps)
    if until:
        debugger.conditions.run_until(until)
    if further:
        debugger.run.extend(further)
    debugger.begin()
    session.move(who)


RUN_COMMANDS: Mapping[type[Command[Any]], Handler] = {
    Start: start,
    Resume: resume,
    Reproduce: reproduce,
    Run: run,
    Pause: pause,
    Chunk: chunk,
    SaveCheckpoint: save_checkpoint,
    SetLive: set_live,
}
