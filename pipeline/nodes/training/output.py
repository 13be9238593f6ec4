"""The output node: the sample grid."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from pipeline.graph.check import Report
from pipeline.graph.findings import CheckWarning
from pipeline.graph.node import Category, Link, Node, Param, Port
from pipeline.nodes import mends
from pipeline.nodes.building import Building
from pipeline.nodes.ports import TrainingPort

if TYPE_CHECKING:
    from pipeline.training.experiment import Experiment
    from pipeline.training.parts import SamplesPart


class SampleGrid(Node):
    """Draws a grid of images at regular steps, always from the same noise, so you can follow each one through training.

    For an autoencoder without a prior, the grid shows held-out images, encoded and decoded.
    """

    title: ClassVar[str] = "Sample grid"
    category: ClassVar[Category] = "output"
    outputs: ClassVar[tuple[type[Port], ...]] = ()
    at_most: ClassVar[int | None] = 1

    training: Annotated[Link, TrainingPort, Field(description="The training whose images are drawn.")]
    count: Annotated[int, Field(ge=1, le=256, description="Images in the grid."), Param(key=True, step=8)] = 64
    every: Annotated[int, Field(ge=1, le=1_000_000, description="Steps between grids."), Param(key=True, step=10)] = 50
    seed: Annotated[int, Field(ge=0, le=2**32 - 1, description="Seed of the noise that the images are made from.")] = 0

    def infer(self, training: TrainingPort) -> None:
        return None

    def cautions(self, node_id: str, report: Report) -> Iterator[CheckWarning]:
        training = report.ports[self.training.node][self.training.output]
        if isinstance(training, TrainingPort) and self.every > training.total_steps:
            yield CheckWarning(
                node_id,
                f"No grid is drawn on the way: there are {self.every:,} steps between two, but the training has "
                f"{training.total_steps:,}.",
                mends.setting(report, node_id, "every", mends.rounded_down(training.total_steps / 10)),
            )

    def build(self, building: Building, training: "Experiment") -> "SamplesPart":
        from pipeline.training.parts import SamplesPart

        return SamplesPart(building.node_id, self.count, self.every, self.seed)
