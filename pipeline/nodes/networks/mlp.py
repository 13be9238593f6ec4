"""The MLP generator and discriminator nodes."""

import re
from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field

from pipeline.graph.node import Param, Port
from pipeline.models import mlp
from pipeline.models.plan import Plan
from pipeline.nodes.networks.network_node import AnySizeField, DiscriminatorNode, GeneratorNode
from pipeline.nodes.ports import DiscriminatorPort, GeneratorPort, ImageShape

MOST_LAYERS = 8
WIDEST = 4096


def widths(hidden: str) -> tuple[int, ...]:
    """Parse `"128, 256"` into (128, 256). Raises ValueError, whose message is the end of a sentence, for other text."""
    parts = [part.strip() for part in hidden.split(",")]
    if not all(re.fullmatch("[0-9]{1,4}", part) and 1 <= int(part) <= WIDEST for part in parts):
        raise ValueError(f"not a list of widths from 1 to {WIDEST} such as 256,128")
    if len(parts) > MOST_LAYERS:
        raise ValueError(f"more than {MOST_LAYERS} layers")
    return tuple(int(part) for part in parts)


def _written_widths(hidden: str) -> str:
    widths(hidden)
    return hidden


Hidden = Annotated[
    str,
    AfterValidator(_written_widths),
    Field(description=f"Comma-separated widths (1 to {WIDEST}) of the hidden layers, at most {MOST_LAYERS}, in order."),
    Param(key=True, label="Hidden widths"),
]
Slope = Annotated[
    float,
    Field(ge=0, le=1, description="Negative slope of the leaky ReLU; 0 is a plain ReLU."),
    Param(step=0.05, label="Leaky slope"),
]


class MLPGenerator(GeneratorNode):
    """Generator of fully connected layers, with leaky ReLU between them and tanh at the end.

    Fast on small images. It has no notion of neighbouring pixels, so its images are grainy; those of a DCGAN generator
    are smoother.
    """

    title: ClassVar[str] = "MLP generator"
    outputs: ClassVar[tuple[type[Port], ...]] = (GeneratorPort,)

    image_size: AnySizeField = 28
    hidden: Hidden = "128,256,512,1024"
    slope: Slope = 0.2

    def plan(self, latent_dim: int) -> Plan:
        return mlp.generator_plan(latent_dim, self.image_shape, widths(self.hidden), self.slope, self.classes)


class MLPDiscriminator(DiscriminatorNode):
    """Discriminator of fully connected layers with leaky ReLU and dropout.

    Its input size is that of the connected images. Pair it with the MLP generator on small images.
    """

    title: ClassVar[str] = "MLP discriminator"
    outputs: ClassVar[tuple[type[Port], ...]] = (DiscriminatorPort,)

    hidden: Hidden = "1024,512,256,128"
    slope: Slope = 0.2
    dropout: Annotated[
        float,
        Field(
            ge=0,
            le=0.95,
            description="Dropout rate: share of each hidden layer's units set to zero at random in "
            "training. Raise it if the discriminator overfits.",
        ),
        Param(step=0.05),
    ] = 0.3

    def plan(self, image_shape: ImageShape, classes: int) -> Plan:
        return mlp.discriminator_plan(image_shape, widths(self.hidden), self.slope, self.dropout, classes)
