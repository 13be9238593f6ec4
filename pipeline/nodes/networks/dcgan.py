"""The DCGAN generator and discriminator nodes."""

from typing import Annotated, ClassVar

from pydantic import Field

from pipeline.graph.node import Port
from pipeline.models import dcgan
from pipeline.models.plan import Plan
from pipeline.nodes.networks.network_node import ConvolutionalDiscriminator, ConvolutionalGenerator, Normalization
from pipeline.nodes.ports import DiscriminatorPort, GeneratorPort, ImageShape


class DCGANGenerator(ConvolutionalGenerator):
    """Convolutional generator after DCGAN: transposed convolutions with batch normalization, each doubling the size.

    It begins with coarse feature maps made from the noise: 7×7 for images of 28 pixels, 4×4 for 32 or 64.
    """

    title: ClassVar[str] = "DCGAN generator"
    outputs: ClassVar[tuple[type[Port], ...]] = (GeneratorPort,)

    def plan(self, latent_dim: int) -> Plan:
        return dcgan.generator_plan(latent_dim, self.image_shape, self.base_channels, self.classes, self.attention)


class DCGANDiscriminator(ConvolutionalDiscriminator):
    """Convolutional discriminator after DCGAN: strided convolutions that halve the image, then one score.

    It mirrors the DCGAN generator. With a gradient penalty, set normalization to `none`.
    """

    title: ClassVar[str] = "DCGAN discriminator"
    outputs: ClassVar[tuple[type[Port], ...]] = (DiscriminatorPort,)

    normalization: Annotated[
        Normalization,
        Field(description="batch: batch normalization. none: no normalization, required with a gradient penalty."),
    ] = "batch"

    def plan(self, image_shape: ImageShape, classes: int) -> Plan:
        return dcgan.discriminator_plan(image_shape, self.base_channels, self.normalization, classes, self.attention)
