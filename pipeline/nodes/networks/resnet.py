"""The ResNet generator and discriminator nodes."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from pipeline.graph.node import Param, Port
from pipeline.models import resnet
from pipeline.models.plan import Plan
from pipeline.nodes.networks.network_node import ConvolutionalDiscriminator, ConvolutionalGenerator, Normalization
from pipeline.nodes.ports import DiscriminatorPort, GeneratorPort, ImageShape


class ResNetGenerator(ConvolutionalGenerator):
    """Generator of residual blocks, each of which doubles the image size; deeper than a DCGAN of the same widths.

    Slower, but better on varied colour images. Pair it with the ResNet discriminator.
    """

    title: ClassVar[str] = "ResNet generator"
    outputs: ClassVar[tuple[type[Port], ...]] = (GeneratorPort,)

    base_channels: Annotated[
        int,
        Field(
            ge=2,
            le=1024,
            description="Feature maps (channels) at the coarsest resolution. Each block halves "
            "them, down to an eighth.",
        ),
        Param(key=True, step=8),
    ] = 128
    normalization: Annotated[
        Normalization,
        Field(description="batch: batch normalization before every ReLU. none: no normalization."),
    ] = "batch"

    def plan(self, latent_dim: int) -> Plan:
        return resnet.generator_plan(
            latent_dim, self.image_shape, self.base_channels, self.normalization, self.classes, self.attention
        )


class ResNetDiscriminator(ConvolutionalDiscriminator):
    """Discriminator of residual blocks that halve the image, one more block at the coarsest size, then one score.

    It has no normalization, so it works with gradient penalties; spectral normalization suits it too. Its input size is
    that of the connected images.
    """

    title: ClassVar[str] = "ResNet discriminator"
    outputs: ClassVar[tuple[type[Port], ...]] = (DiscriminatorPort,)

    base_channels: Annotated[
        int,
        Field(
            ge=1,
            le=512,
            description="Feature maps (channels) of the first block. Later blocks double them, up to 8 times as many.",
        ),
        Param(key=True, step=8),
    ] = 32
    pooling: Annotated[
        Literal["sum", "mean"],
        Field(
            description="How each feature map is pooled to one number. sum: large scores and gradients, so it learns "
            "sooner. mean: both are divided by the number of pixels, for a gentler discriminator."
        ),
    ] = "sum"

    def plan(self, image_shape: ImageShape, classes: int) -> Plan:
        return resnet.discriminator_plan(image_shape, self.base_channels, self.pooling, classes, self.attention)
