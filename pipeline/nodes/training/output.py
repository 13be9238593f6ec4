"""What a run leaves to look at."""

from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from pipeline.graph.node import Category, Link, Node, Param, Port
from pipeline.nodes.building import Building
from pipeline.nodes.ports import TrainingPort

if TYPE_CHECKING:
    from pipeline.training.experiment import Experiment
    from pipeline.training.parts import SamplesPart


class SampleGrid(Node):
    """A grid of generated images, always from the same noise, so that each is seen to change as training goes on."""

    title: ClassVar[str] = "Sample grid"
    category: ClassVar[Category] = "output"
    outputs: ClassVar[tuple[type[Port], ...]] = ()
    at_most: ClassVar[int | None] = 1

    training: Annotated[Link, TrainingPort, Field(description="The training whose generator is drawn from.")]
    count: Annotated[int, Field(ge=1, le=256, description="Images in the grid."), Param(key=True, step=8)] = 64
    every: Annotated[
        int, Field(ge=1, le=1_000_000, description="Steps from one grid to the next."), Param(key=True, step=10)
    ] = 50
    seed: Annotated[int, Field(ge=0, le=2**32 - 1, description="Which noise the images are drawn from.")] = 0

    def infer(self, training: TrainingPort) -> None:
        return None

    def build(self, building: Building, training: "Experiment") -> "SamplesPart":
        from pipeline.training.parts import SamplesPart

        return SamplesPart(building.node_id, self.count, self.every, self.seed)
