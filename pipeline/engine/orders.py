"""The commands of a run's life: start, resume, run, pause, chunk, save, change a live parameter.

Each is a function of the worker and the command; it raises GenscopeError where it will not, and its answer, if it has
one of its own, is returned.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from pipeline.engine import taking_up
from pipeline.errors.base import Refusal
from pipeline.errors.runs import RunComplete
from pipeline.errors.training import StaleCommand
from pipeline.graph import document
from pipeline.nodes.assemble import check_or_refuse
from pipeline.runtime.messages import Answer, Command

if TYPE_CHECKING:
    from pipeline.engine.worker import TrainingWorker

Order = Callable[["TrainingWorker", Command], Answer | None]
MOST_STEPS = 1_000_000_000


def start(worker: "TrainingWorker", command: Command) -> None:
    workflow = document.read(str(command.arguments["workflow"]), "The workflow")
    # Refused before the run under way is put aside for it.
    check_or_refuse(workflow)
    worker.take_place(command, "start", partial(taking_up.start, worker.store, workflow, command.who))
    worker.move(command.who)


def resume(worker: "TrainingWorker", command: Command) -> None:
    """Takes a stored run up, and sets it going unless `paused`."""
    run_id = str(command.arguments["run"])
    worker.store.run(run_id)
    if not worker.under_way(run_id):
        worker.take_place(command, "resume", partial(taking_up.resume, worker.store, run_id, command.who))
    if command.arguments.get("paused"):
        worker.change(state="paused", until=None, who=command.who)
    else:
        _move(worker, command)


def run(worker: "TrainingWorker", command: Command) -> None:
    worker.debugger("Run", command)
    _move(worker, command)


def chunk(worker: "TrainingWorker", command: Command) -> None:
    debugger = worker.debugger("Chunk", command)
    steps = int(command.arguments["steps"])
    if not 1 <= steps <= MOST_STEPS:
        raise Refusal(f"A chunk has between 1 and {MOST_STEPS:,} steps, not {steps:,}.")
    if worker.busy:
        raise StaleCommand("The chunk", f"{worker.snapshot.who or 'somebody'} set the run going")
    walked = debugger.run.step
    debugger.begin()
    # A step that was half walked is the first of the chunk.
    steps -= debugger.run.step - walked
    if debugger.stop_kind or steps == 0:
        worker.halt()
        return
    if debugger.run.step + steps > debugger.run.total_steps:
        debugger.run.extend(steps)
    worker.move(command.who, debugger.run.step + steps)


def pause(worker: "TrainingWorker", command: Command) -> None:
    debugger = worker.debugger("Pause", command)
    if worker.busy:
        debugger.run.pause(command.who)
        worker.halt(who=command.who)


def save(worker: "TrainingWorker", command: Command) -> None:
    debugger = worker.debugger("Save checkpoint", command)
    debugger.settle()
    debugger.run.save_on_request(command.who)
    worker.change()


def set_live(worker: "TrainingWorker", command: Command) -> None:
    debugger = worker.debugger("The change", command)
    node, parameter = str(command.arguments["node"]), str(command.arguments["parameter"])
    key = f"{node}.{parameter}"
    if command.version is not None and worker.changed_in.get(key, 0) > command.version:
        raise StaleCommand(f"The change of {key}", f"it was set to {worker.snapshot.live[key]:g}")
    value = float(command.arguments["value"])
    debugger.settle()
    debugger.run.check_live(node, parameter, value)
    worker.present(command.who).run.set_live(node, parameter, value, command.who)
    worker.change()
    worker.changed_in[key] = worker.snapshot.version


def _move(worker: "TrainingWorker", command: Command) -> None:
    debugger = worker.debugger("Run")
    debugger.settle()
    if steps := command.arguments.get("steps"):
        debugger.run.extend(int(steps))
    if debugger.run.step >= debugger.run.total_steps:
        raise RunComplete(debugger.run.total_steps)
    if until := command.arguments.get("until"):
        debugger.run_until(str(until))
    debugger.begin()
    worker.move(command.who)


ORDERS: Mapping[str, Order] = {
    "start": start,
    "resume": resume,
    "run": run,
    "pause": pause,
    "chunk": chunk,
    "save": save,
    "set_live": set_live,
}
