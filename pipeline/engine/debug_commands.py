"""The debugger's commands: walk a step, update one network, go back, stop on a condition, look inside, fork.

Functions like those of `run_commands.py`. What changes the course of a run that has gone back makes a fork of it first
(`Session.present`), so that nothing it came to is lost.
"""

from collections.abc import Mapping
from functools import partial

from pipeline.engine import launching, look_commands
from pipeline.engine.debugger import Debugger
from pipeline.engine.run_commands import MOST_STEPS, Order, trainable
from pipeline.engine.session import Session
from pipeline.errors.base import Refusal
from pipeline.errors.training import StaleCommand
from pipeline.inspection.rewind import MEBIBYTE
from pipeline.runs.watching import MOST, Watching
from pipeline.runtime.messages import Answer, Command

MOST_BUDGET_MEBIBYTES = 1024 * 1024


def next_stage(session: Session, command: Command) -> None:
    _require_unchanged(session, command, "Next stage")
    _still(session, "Next stage", command).next_stage()
    session.change(state="paused", until=None, who=command.who)


def finish_step(session: Session, command: Command) -> None:
    _still(session, "Finish step", command).finish_step()
    session.change(who=command.who)


def only(session: Session, command: Command) -> Answer:
    """One update of one network."""
    role = str(command.arguments["role"])
    debugger = _still(session, f"{role.capitalize()} only", command)
    debugger.settle()
    made = session.present(command.who).update_only(role, command.who)
    session.change(state="paused", who=command.who)
    return Answer(command.number, values={"metrics": dict(made)})


def back(session: Session, command: Command) -> None:
    """To a step that the run has been at; on the way there, what is trained again is a replay."""
    debugger = session.debugger("Back", command)
    step = int(command.arguments["step"])
    if step >= debugger.run.step and debugger.run.trainer.between_steps:
        raise Refusal(f"Back goes to a step before step {debugger.run.step:,}, not to {step:,}.")
    found = debugger.back(step, command.who)
    session.move(command.who, step, back=True)
    if found == step:
        session.halt()


def run_to(session: Session, command: Command) -> None:
    """To a step further on, and pause there."""
    debugger = session.debugger("Run to step", command)
    step = int(command.arguments["step"])
    if not debugger.run.step < step <= MOST_STEPS:
        raise Refusal(
            f"Run to step needs a step after step {debugger.run.step:,}, not {step:,}. Back goes to an earlier one."
        )
    debugger.begin()
    if step > debugger.run.total_steps:
        debugger.run.extend(step - debugger.run.step)
    session.move(command.who, step)


def set_watching(session: Session, command: Command) -> None:
    """Other breakpoints and watches."""
    debugger = session.debugger("The change", command)
    _require_unchanged(session, command, "The change of breakpoints and watches", "watching")
    wanted = command.arguments["watching"]
    if max(len(wanted["breakpoints"]), len(wanted["watches"])) > MOST:
        raise Refusal(f"A run has at most {MOST} breakpoints and {MOST} watches. Remove one first.")
    debugger.set_watching(Watching.from_json(wanted))
    session.change()
    session.changed_in["watching"] = session.snapshot.version


def set_rewind(session: Session, command: Command) -> None:
    """How many MiB the snapshots in memory may take."""
    debugger = session.debugger("The change", command)
    mebibytes = int(command.arguments["mebibytes"])
    if not 0 <= mebibytes <= MOST_BUDGET_MEBIBYTES:
        raise Refusal(f"Rewind memory is from 0 to {MOST_BUDGET_MEBIBYTES:,} MiB, not {mebibytes:,}.")
    debugger.run.rewind.set_budget(mebibytes * MEBIBYTE)
    session.change()


def set_probes(session: Session, command: Command) -> None:
    """Measures all layers in one step of so many; in none for 0."""
    debugger = session.debugger("The change", command)
    every = int(command.arguments["every"])
    if not 0 <= every <= 1_000_000:
        raise Refusal(f"Probes come every 1 to 1,000,000 steps, or 0 for none; not every {every:,}.")
    debugger.run.looks.set_probes(every)
    session.change()


def look_inside(session: Session, command: Command) -> Answer:
    """Pictures of what the networks make of one image."""
    return _look(session, command, "Look inside", look_commands.look_inside)


def look_at_codes(session: Session, command: Command) -> Answer:
    """Images encoded and decoded, and where their codes lie."""
    return _look(session, command, "A look at codes", look_commands.look_at_codes)


def _look(session: Session, command: Command, action: str, look: look_commands.LookFunction) -> Answer:
    """Between two steps, and leaving no trace."""
    debugger = session.debugger(action, command)
    if not debugger.run.trainer.between_steps:
        debugger.settle()
        session.change()
    values, pictures = look(debugger.run.trainer, command.arguments)
    return Answer(command.number, values=values, blobs=pictures)


def fork(session: Session, command: Command) -> None:
    """A new run of another workflow, from where the run of the command stands or from one of its checkpoints."""
    workflow = trainable(str(command.arguments["workflow"]), "The workflow")
    parent = session.store.run(command.run)
    debugger = session.under_way(parent.id)
    step = command.arguments.get("step")
    if debugger is not None and step is None:
        debugger.settle()
    here = debugger is not None and step in (None, debugger.run.step)
    if here and debugger is not None:
        captured = debugger.run.trainer.capture()
    else:
        kept = [each for each, _ in session.store.files(parent.id).checkpoints()]
        captured = launching.checkpoint_of(
            session.store, parent.id, int(step) if step is not None else max(kept, default=0)
        )
    session.take_place(command, "fork", partial(launching.fork, session.store, parent, captured, workflow, command.who))
    session.move(command.who)


def _still(session: Session, action: str, command: Command) -> Debugger:
    """The run under way, which must not be moving. Raises StaleCommand where it is."""
    debugger = session.debugger(action, command)
    if session.busy:
        raise StaleCommand(action, f"{session.snapshot.who or 'somebody'} set the run going")
    return debugger


def _require_unchanged(session: Session, command: Command, action: str, what: str = "") -> None:
    """Raises StaleCommand where the user saw another state than there is: of `what`, or at all."""
    newest = session.changed_in.get(what, 0) if what else session.snapshot.version
    if command.version is not None and newest > command.version:
        raise StaleCommand(action, f"{session.snapshot.who or 'somebody'} changed something")


DEBUG_ORDERS: Mapping[str, Order] = {
    "next_stage": next_stage,
    "finish_step": finish_step,
    "only": only,
    "back": back,
    "run_to": run_to,
    "set_watching": set_watching,
    "set_rewind": set_rewind,
    "set_probes": set_probes,
    "look_inside": look_inside,
    "look_at_codes": look_at_codes,
    "fork": fork,
}
