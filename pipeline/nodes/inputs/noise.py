"""Where latent vectors come from."""

from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from pipeline.graph.node import Category, Node, Param, Port
from pipeline.nodes.building import Building
from pipeline.nodes.ports import NoisePort

if TYPE_CHECKING:
    from pipeline.training.parts import NoisePart


class GaussianNoise(Node):
    """Random latent vectors from the standard normal distribution, one for each image to generate."""

    title: ClassVar[str] = "Gaussian noise"
    category: ClassVar[Category] = "noise"
    outputs: ClassVar[tuple[type[Port], ...]] = (NoisePort,)

    dim: Annotated[
        int,
        Field(ge=1, le=4096, description="Numbers in a latent vector: how many ways images can differ."),
        Param(key=True, label="Dimensions"),
    ] = 100

    def infer(self) -> NoisePort:
        return NoisePort(self.dim)

    def build(self, building: Building) -> "NoisePart":
        from pipeline.training.parts import NoisePart

        return NoisePart(building.node_id, self.dim)
