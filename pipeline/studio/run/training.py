"""What a user does to the run under way. Each function sends one command and returns when the engine has answered.

All raise `CommandRefused` where the engine refused (with its sentence), and `EngineGone` where there is none.
"""

import time
from dataclasses import dataclass
from functools import lru_cache

from pipeline.graph import document
from pipeline.graph.check import title_of
from pipeline.graph.form import Parameter, parameters
from pipeline.graph.workflow import Workflow
from pipeline.nodes.catalogue import NODES
from pipeline.runs import pause_requests
from pipeline.runs.files import RunFiles
from pipeline.runtime.handle import TrainerHandle
from pipeline.runtime.messages import Command, Snapshot
from pipeline.studio import workflows

STEP_SECONDS = 0.4
BUILD_SECONDS = 86_400.0
"""Images are downloaded or read while a run is built, which may take long; whoever waits sees how far it is."""


def start(trainer: TrainerHandle, workflow: Workflow, who: str, *, switch: bool = False) -> str:
    """Starts a new run and returns its id. switch: pause the run under way first instead of being refused."""
    arguments = {"workflow": document.write(workflow), "switch": switch}
    return str(trainer.ask(Command("start", who=who, arguments=arguments), BUILD_SECONDS).values["run"])


def resume(
    trainer: TrainerHandle, run: str, who: str, *, steps: int | None = None, switch: bool = False, paused: bool = False
) -> None:
    """Takes a stored run up at its last checkpoint and sets it going.

    steps: how many more, where it has finished. paused: only load it, so that it can be stepped and inspected.
    """
    arguments = {"run": run, "steps": steps, "switch": switch, "paused": paused}
    trainer.ask(Command("resume", who=who, arguments=arguments), BUILD_SECONDS)


def stop_preparing(trainer: TrainerHandle) -> None:
    """Ends the preparing of a run, such as the reading of its images; what was read is not kept."""
    trainer.ask(Command("cancel"))


def run_on(trainer: TrainerHandle, seen: Snapshot, who: str, *, steps: int | None = None) -> None:
    """Sets the run going, to its planned end or, where given, for `steps` more."""
    trainer.ask(Command("run", run=seen.run, who=who, arguments={"steps": steps}))


def pause(trainer: TrainerHandle, seen: Snapshot, who: str) -> None:
    """Stops after the step at work, and saves a checkpoint. Another process that has the run is left word, which it
    finds within a second. Raises CannotWrite too."""
    if seen.held_by:
        pause_requests.ask(RunFiles(trainer.address.home, seen.run), who)
        return
    trainer.ask(Command("pause", run=seen.run, who=who))


def chunk(trainer: TrainerHandle, seen: Snapshot, who: str, steps: int) -> None:
    """Trains `steps` steps and pauses."""
    trainer.ask(Command("chunk", run=seen.run, who=who, arguments={"steps": steps}))


def step(trainer: TrainerHandle, seen: Snapshot, who: str) -> None:
    """Trains one step and pauses. Waits a moment for it: a page drawn just after shows the step done."""
    chunk(trainer, seen, who, 1)
    end = time.monotonic() + STEP_SECONDS
    while trainer.snapshot.state == "running" and time.monotonic() < end:
        time.sleep(0.005)


def save_checkpoint(trainer: TrainerHandle, seen: Snapshot, who: str) -> None:
    """Saves the step that was reached."""
    trainer.ask(Command("save", run=seen.run, who=who))


def set_live(trainer: TrainerHandle, seen: Snapshot, who: str, node: str, parameter: str, value: float) -> None:
    """Changes a live parameter from the next step on; refused where somebody changed it since `seen`."""
    arguments = {"node": node, "parameter": parameter, "value": value}
    trainer.ask(Command("set_live", run=seen.run, version=seen.version, who=who, arguments=arguments))


@dataclass(frozen=True)
class LiveParameter:
    """A parameter that may change while the run goes on, with the node whose it is."""

    node: str
    node_title: str
    parameter: Parameter

    @property
    def key(self) -> str:
        """Its name in `Snapshot.live`."""
        return f"{self.node}.{self.parameter.name}"


@lru_cache(maxsize=64)
def live_parameters(workflow_text: str) -> tuple[LiveParameter, ...]:
    """The live parameters of a run's workflow, node by node."""
    workflow = workflows.of_run(workflow_text).workflow
    return tuple(
        LiveParameter(node_id, title_of(node, NODES), parameter)
        for node_id, node in workflow.nodes.items()
        if (node_class := NODES.get(node.class_type))
        for parameter in parameters(node_class)
        if parameter.live
    )
