"""The commands of a run's life: start, resume, run, pause, chunk, save, change a live parameter.

Each is a function of the session and the command; it raises GenscopeError where it will not, and its answer, if it has
one of its own, is returned.
"""

from collections.abc import Callable, Mapping
from functools import partial

from pipeline.engine import launching
from pipeline.engine.session import Session
from pipeline.errors.base import Refusal
from pipeline.errors.runs import RunComplete
from pipeline.errors.training import StaleCommand
from pipeline.nodes.checked_workflow import CheckedWorkflow, read_checked
from pipeline.nodes.devices import resolve_device
from pipeline.runtime.messages import Answer, Command

Order = Callable[[Session, Command], Answer | None]
MOST_STEPS = 1_000_000_000


def trainable(text: str, source: str) -> CheckedWorkflow:
    """The workflow in a document, which this process can train: asked before the run under way is put aside for it.

    Raises UnreadableDocument, InvalidWorkflow, UnknownDevice, MadeInPython.
    """
    workflow = read_checked(text, source)
    resolve_device(workflow.training.device)
    workflow.require_given()
    return workflow


def start(session: Session, command: Command) -> None:
    workflow = trainable(str(command.arguments["workflow"]), "The workflow")
    session.take_place(command, "start", partial(launching.start, session.store, workflow, command.who))
    session.move(command.who)


def resume(session: Session, command: Command) -> None:
    """Takes a stored run up, and sets it going unless `paused`."""
    run_id = str(command.arguments["run"])
    record = session.store.run(run_id)
    if not session.under_way(run_id):
        workflow = trainable(record.workflow_text, f"The workflow of run {run_id}")
        session.take_place(command, "resume", partial(launching.resume, session.store, run_id, workflow, command.who))
    if command.arguments.get("paused"):
        session.change(state="paused", until=None, who=command.who)
    else:
        _move(session, command)


def run(session: Session, command: Command) -> None:
    session.debugger("Run", command)
    _move(session, command)


def chunk(session: Session, command: Command) -> None:
    debugger = session.debugger("Chunk", command)
    steps = int(command.arguments["steps"])
    if not 1 <= steps <= MOST_STEPS:
        raise Refusal(f"A chunk has between 1 and {MOST_STEPS:,} steps, not {steps:,}.")
    if session.busy:
        raise StaleCommand("The chunk", f"{session.snapshot.who or 'somebody'} set the run going")
    walked = debugger.run.step
    debugger.begin()
    # A step that was half walked is the first of the chunk.
    steps -= debugger.run.step - walked
    if debugger.stop_kind or steps == 0:
        session.halt()
        return
    if debugger.run.step + steps > debugger.run.total_steps:
        debugger.run.extend(steps)
    session.move(command.who, debugger.run.step + steps)


def pause(session: Session, command: Command) -> None:
    session.debugger("Pause", command)
    if session.busy:
        session.halt(command.who)


def save(session: Session, command: Command) -> None:
    debugger = session.debugger("Save checkpoint", command)
    debugger.settle()
    debugger.run.save_on_request(command.who)
    session.change()


def set_live(session: Session, command: Command) -> None:
    debugger = session.debugger("The change", command)
    node, parameter = str(command.arguments["node"]), str(command.arguments["parameter"])
    key = f"{node}.{parameter}"
    if command.version is not None and session.changed_in.get(key, 0) > command.version:
        raise StaleCommand(f"The change of {key}", f"it was set to {session.snapshot.live[key]:g}")
    value = float(command.arguments["value"])
    debugger.settle()
    debugger.run.check_live(node, parameter, value)
    session.present(command.who).run.set_live(node, parameter, value, command.who)
    session.change()
    session.changed_in[key] = session.snapshot.version


def _move(session: Session, command: Command) -> None:
    debugger = session.debugger("Run")
    debugger.settle()
    further = int(command.arguments.get("steps") or 0)
    if not 0 <= further <= MOST_STEPS:
        raise Refusal(f"A run goes on for 1 to {MOST_STEPS:,} steps, not for {further:,}.")
    if not further and debugger.run.step >= debugger.run.total_steps:
        raise RunComplete(debugger.run.total_steps)
    if until := command.arguments.get("until"):
        debugger.run_until(str(until))
    if further:
        debugger.run.extend(further)
    debugger.begin()
    session.move(command.who)


ORDERS: Mapping[str, Order] = {
    "start": start,
    "resume": resume,
    "run": run,
    "pause": pause,
    "chunk": chunk,
    "save": save,
    "set_live": set_live,
}
