"""Residual networks as generator and discriminator."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from pipeline.graph.node import Param, Port
from pipeline.models import resnet
from pipeline.models.plan import Plan
from pipeline.nodes.networks.network_node import ConvolutionalDiscriminator, ConvolutionalGenerator, Normalization
from pipeline.nodes.ports import DiscriminatorPort, GeneratorPort, ImageShape


class ResNetGenerator(ConvolutionalGenerator):
    """A generator of residual blocks, each of which doubles the image: deeper than a DCGAN's of the same widths.

    Slower, and better on varied images in colour. It goes with the ResNet discriminator.
    """

    title: ClassVar[str] = "ResNet generator"
    outputs: ClassVar[tuple[type[Port], ...]] = (GeneratorPort,)

    base_channels: Annotated[
        int,
        Field(ge=2, le=1024, description="Feature maps of the coarse image; a block halves them, down to an eighth."),
        Param(key=True, step=8),
    ] = 128
    normalization: Annotated[
        Normalization,
        Field(description="batch: before every rectifier, by the statistics of the batch; none: nowhere."),
    ] = "batch"

    def plan(self, latent_dim: int) -> Plan:
        return resnet.generator_plan(
            latent_dim, self.image_shape, self.base_channels, self.normalization, self.classes, self.attention
        )


class ResNetDiscriminator(ConvolutionalDiscriminator):
    """A discriminator of residual blocks that halve the image, one more at its coarsest, then one score.

    It has no normalization, as critics need it; spectral normalization goes well with it. It takes its size from its
    images.
    """

    title: ClassVar[str] = "ResNet discriminator"
    outputs: ClassVar[tuple[type[Port], ...]] = (DiscriminatorPort,)

    base_channels: Annotated[
        int,
        Field(ge=1, le=512, description="Feature maps of the first block; the next ones double them, up to 8 times."),
        Param(key=True, step=8),
    ] = 32
    pooling: Annotated[
        Literal["sum", "mean"],
        Field(
            description="How each feature map becomes one number. sum: scores and their slopes are large, and it "
            "learns sooner; mean: as many pixels smaller, for a gentler discriminator."
        ),
    ] = "sum"

    def plan(self, image_shape: ImageShape, classes: int) -> Plan:
        return resnet.discriminator_plan(image_shape, self.base_channels, self.pooling, classes, self.attention)
