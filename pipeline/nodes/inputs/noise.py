"""The noise node: the source of latent vectors."""

from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from pipeline.graph.node import Category, Node, Param, Port
from pipeline.nodes.building import Building
from pipeline.nodes.ports import NoisePort

if TYPE_CHECKING:
    from pipeline.training.parts import NoisePart


class GaussianNoise(Node):
    """Random latent vectors from the standard normal distribution, one for each generated image."""

    title: ClassVar[str] = "Gaussian noise"
    category: ClassVar[Category] = "noise"
    outputs: ClassVar[tuple[type[Port], ...]] = (NoisePort,)

    dim: Annotated[
        int,
        Field(
            ge=1,
            le=4096,
            description="Length of a latent vector: the number of ways in which images can "
            "vary. 32 to 128 is usual for small images.",
        ),
        Param(key=True, label="Dimensions"),
    ] = 100

    def infer(self) -> NoisePort:
        return NoisePort(self.dim)

    def build(self, building: Building) -> "NoisePart":
        from pipeline.training.parts import NoisePart

        return NoisePart(building.node_id, self.dim)
