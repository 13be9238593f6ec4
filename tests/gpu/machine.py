"""What a check is given, and what it finds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from pipeline.graph.edit import apply_settings
from pipeline.nodes.assemble import assemble
from pipeline.nodes.catalogue import NODES
from pipeline.studio.workflows import open_template
from pipeline.training.experiment import Experiment
from pipeline.training.trainer import Trainer


@dataclass(frozen=True)
class Row:
    """A line of the table. ok: whether what was found is what it has to be; None for a number without a bound."""

    what: str
    found: str
    ok: bool | None = None


@dataclass(frozen=True)
class Machine:
    """Where checks run. steps: of a training that is compared. home: an empty folder for data and checkpoints. small:
    whether networks have few feature maps, so that a CPU trains them in milliseconds."""

    device: torch.device
    steps: int
    home: Path
    small: bool = False

    @property
    def on_cuda(self) -> bool:
        return self.device.type == "cuda"

    def experiment(self, template: str, *settings: str) -> Experiment:
        """A template on the digits that come with a library, which need no download."""
        workflow = open_template(template)
        maker = "generator" if "generator" in workflow.nodes else "decoder"
        sized = (f"{maker}.image_size=8",) if maker in workflow.nodes else ()
        fewer = [
            f"{name}.base_channels=4"
            for name, node in workflow.nodes.items()
            if self.small and "base_channels" in node.inputs
        ]
        chosen = ("data.dataset=digits", *sized, *fewer, *settings)
        return assemble(apply_settings(workflow, chosen, NODES), self.home, str(self.device))

    def wait(self) -> None:
        """Until the device has finished."""
        if self.on_cuda:
            torch.cuda.synchronize(self.device)


Check = Callable[[Machine], Sequence[Row]]


def trained(experiment: Experiment, steps: int) -> Trainer:
    """A new trainer after so many steps."""
    trainer = Trainer.fresh(experiment)
    trainer.slice(steps, seconds=float("inf"))
    return trainer
