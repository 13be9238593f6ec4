"""Convolutional networks as generator and discriminator, after DCGAN."""

from typing import Annotated, ClassVar

from pydantic import Field

from pipeline.graph.node import Port
from pipeline.models import dcgan
from pipeline.models.plan import Plan
from pipeline.nodes.networks.network_node import ConvolutionalDiscriminator, ConvolutionalGenerator, Normalization
from pipeline.nodes.ports import DiscriminatorPort, GeneratorPort, ImageShape


class DCGANGenerator(ConvolutionalGenerator):
    """A generator of transposed convolutions with batch normalization: a coarse image from the noise, doubled in steps.

    The coarse image of 28 pixels has 7, that of 32 or 64 pixels 4.
    """

    title: ClassVar[str] = "DCGAN generator"
    outputs: ClassVar[tuple[type[Port], ...]] = (GeneratorPort,)

    def plan(self, latent_dim: int) -> Plan:
        return dcgan.generator_plan(latent_dim, self.image_shape, self.base_channels, self.classes, self.attention)


class DCGANDiscriminator(ConvolutionalDiscriminator):
    """A discriminator that mirrors the DCGAN generator: convolutions that halve the image, then one score.

    As a critic under a gradient penalty it must have normalization `none`.
    """

    title: ClassVar[str] = "DCGAN discriminator"
    outputs: ClassVar[tuple[type[Port], ...]] = (DiscriminatorPort,)

    normalization: Annotated[
        Normalization,
        Field(
            description="batch: by the statistics of the batch; none: as a critic under a gradient penalty needs it."
        ),
    ] = "batch"

    def plan(self, image_shape: ImageShape, classes: int) -> Plan:
        return dcgan.discriminator_plan(image_shape, self.base_channels, self.normalization, classes, self.attention)
