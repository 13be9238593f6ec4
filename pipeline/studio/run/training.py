"""Control the loaded run. Each function sends one command and returns when the engine has answered.

All raise `CommandRefused` (with the engine's message) if the engine refuses, and `EngineGone` if there is no engine.
"""

import time
from dataclasses import dataclass
from functools import lru_cache

from pipeline.graph import document
from pipeline.graph.form import Parameter, parameters
from pipeline.graph.workflow import Workflow
from pipeline.nodes.catalogue import NODES
from pipeline.runs import pause_requests
from pipeline.runs.files import RunFiles
from pipeline.runtime.handle import TrainerHandle
from pipeline.runtime.messages.answers import FittedWeights
from pipeline.runtime.messages.commands import Cancel, Chunk, Pause, Resume, Run, SaveCheckpoint, SetLive, Start
from pipeline.runtime.messages.drawing_commands import FitWeights
from pipeline.runtime.messages.snapshot import Snapshot
from pipeline.studio import workflows
from pipeline.studio.run.titles import node_titles

STEP_SECONDS = 0.4
FIT_SECONDS = 60.0
BUILD_SECONDS = 86_400.0
"""Building a run may download or read images, which may take long; pages show the progress meanwhile."""


def start(
    trainer: TrainerHandle,
    workflow: Workflow,
    who: str,
    *,
    weights: str = "",
    network: str = "",
    switch: bool = False,
) -> str:
    """Start a new run and return its id.

    weights: path of a file of weights to begin with, and `network` the one that it is for, "" if the names in it say
    it. switch: pause the loaded run first instead of being refused.
    """
    text = document.write(workflow)
    return trainer.ask(
        Start(workflow=text, weights=weights, network=network, switch=switch, who=who), BUILD_SECONDS
    ).run


def weights_fit(drawer: TrainerHandle, workflow: Workflow, weights: str, network: str = "") -> FittedWeights:
    """Which tensors of a file would fit the networks of a run of this workflow."""
    command = FitWeights(workflow=document.write(workflow), weights=weights, network=network)
    return drawer.ask(command, FIT_SECONDS)


def resume(
    trainer: TrainerHandle,
    run: str,
    who: str,
    *,
    steps: int | None = None,
    switch: bool = False,
    paused: bool = False,
    accept_data: bool = False,
) -> None:
    """Resume a stored run from its last checkpoint.

    steps: number of further steps for a finished run. switch: as for `start`. paused: only load the run, for stepping
    and inspection. accept_data: go on even if its images are not those that it was trained on.
    """
    command = Resume(run=run, steps=steps, switch=switch, paused=paused, accept_data=accept_data, who=who)
    trainer.ask(command, BUILD_SECONDS)


def stop_preparing(trainer: TrainerHandle) -> None:
    """Cancel the preparation of a run, such as reading its images; images read so far are discarded."""
    trainer.ask(Cancel())


def continue_run(trainer: TrainerHandle, snapshot: Snapshot, who: str, *, steps: int | None = None) -> None:
    """Train to the planned end, or for `steps` more steps."""
    trainer.ask(Run(steps=steps, run=snapshot.run, who=who))


def pause(trainer: TrainerHandle, snapshot: Snapshot, who: str) -> None:
    """Pause after the current step and save a checkpoint. If another process owns the run, leave a request that it
    reads within a second. Also raises CannotWrite."""
    if snapshot.held_by:
        pause_requests.request_pause(RunFiles(trainer.address.home, snapshot.run), who)
        return
    trainer.ask(Pause(run=snapshot.run, who=who))


def chunk(trainer: TrainerHandle, snapshot: Snapshot, who: str, steps: int) -> None:
    """Train `steps` steps and pause."""
    trainer.ask(Chunk(steps=steps, run=snapshot.run, who=who))


def step(trainer: TrainerHandle, snapshot: Snapshot, who: str) -> None:
    """Train one step and pause. Wait up to STEP_SECONDS for it, so that the page drawn next shows the result."""
    chunk(trainer, snapshot, who, 1)
    end = time.monotonic() + STEP_SECONDS
    while trainer.snapshot.state == "running" and time.monotonic() < end:
        time.sleep(0.005)


def save_checkpoint(trainer: TrainerHandle, snapshot: Snapshot, who: str) -> None:
    """Save a checkpoint of the current step."""
    trainer.ask(SaveCheckpoint(run=snapshot.run, who=who))


def set_live(trainer: TrainerHandle, snapshot: Snapshot, who: str, node: str, parameter: str, value: float) -> None:
    """Change a live parameter from the next step on; refused if another user has changed it since `snapshot`."""
    trainer.ask(
        SetLive(node=node, parameter=parameter, value=value, run=snapshot.run, version=snapshot.version, who=who)
    )


@dataclass(frozen=True)
class LiveParameter:
    """A parameter that can be changed during training, and its node. node_title: differs from that of every other
    node."""

    node: str
    node_title: str
    parameter: Parameter

    @property
    def key(self) -> str:
        """Its name in `Snapshot.live`."""
        return f"{self.node}.{self.parameter.name}"


@lru_cache(maxsize=64)
def live_parameters(workflow_text: str) -> tuple[LiveParameter, ...]:
    """The live parameters of a run's workflow, in node order."""
    workflow = workflows.of_run(workflow_text).workflow
    titles = node_titles(workflow_text)
    return tuple(
        LiveParameter(node_id, titles[node_id], parameter)
        for node_id, node in workflow.nodes.items()
        if (node_class := NODES.get(node.class_type))
        for parameter in parameters(node_class)
        if parameter.live
    )
