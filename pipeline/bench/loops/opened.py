"""A template, built for loops that train without the Trainer."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.graph.workflow import Workflow
from pipeline.nodes.assemble import assemble
from pipeline.nodes.build_parts import build_parts
from pipeline.nodes.building import Building
from pipeline.nodes.checked_workflow import check_workflow
from pipeline.training.experiment import Experiment, begin
from pipeline.training.state import Captured, TrainState
from pipeline.training.trainer import Trainer


@dataclass(frozen=True)
class Opened:
    """experiment: what is trained. objective: what the node that the training's `objective` is connected to has built:
    an ObjectivePart, AutoencoderPart or DenoisingPart. beginning: the state in which every loop begins."""

    experiment: Experiment
    objective: Any
    beginning: Captured

    def state(self) -> TrainState:
        """A new state, as at the beginning; torch's global random numbers are those of the beginning, too."""
        state = begin(self.experiment)
        state.restore(self.beginning)
        return state

    def trainer(self) -> Trainer:
        """A trainer at the beginning."""
        return Trainer(self.experiment, self.state())


def opened(workflow: Workflow, home: Path, first: int = 0, device: str | None = None) -> Opened:
    """Build a workflow. home: for its data. first: steps to train before the beginning. device: in place of the
    training node's. Raises what `assemble` does."""
    checked = check_workflow(workflow)
    experiment = assemble(checked, home, device)
    node = checked.trained.node
    building = Building(node, experiment.settings.seed, str(experiment.settings.device), home)
    wire = checked.report.nodes[node].objective.node  # type: ignore[attr-defined]
    objective = build_parts(checked.report, [wire], building, images=True)[wire]
    trainer = Trainer.fresh(experiment)
    while trainer.state.step < first:
        trainer.slice(first - trainer.state.step, seconds=float("inf"))
    return Opened(experiment, objective, trainer.capture())
