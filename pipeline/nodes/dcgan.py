"""Convolutional networks as generator and discriminator, after DCGAN."""

from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from pipeline.graph.node import Category, Node, Param, Port
from pipeline.models import dcgan
from pipeline.models.plan import Plan
from pipeline.nodes import networks
from pipeline.nodes.building import Building
from pipeline.nodes.ports import Discriminator, Generator, Images, ImageShape, Noise

if TYPE_CHECKING:
    from pipeline.training.parts import DiscriminatorPart, GeneratorPart, Latents, RealImages


class DCGANGenerator(Node):
    """A generator of transposed convolutions with batch normalization: a coarse image from the noise, doubled in steps.

    The coarse image of 28 pixels has 7, that of 32 or 64 pixels 4.
    """

    title: ClassVar[str] = "DCGAN generator"
    category: ClassVar[Category] = "generator"
    outputs: ClassVar[tuple[type[Port], ...]] = (Generator,)

    noise: networks.NoiseWire
    image_size: networks.Size = 28
    channels: networks.Channels = 1
    base_channels: Annotated[
        int,
        Field(
            ge=2,
            le=1024,
            description="Feature maps of the coarse image; each doubling of the size halves them, down to an eighth.",
        ),
        Param(key=True, step=8),
    ] = 64
    attention: networks.Attention = 0
    classes: networks.Classes = 0

    @property
    def image_shape(self) -> ImageShape:
        """(channels, height, width) of the images it makes."""
        return self.channels, self.image_size, self.image_size

    def plan(self, latent_dim: int) -> Plan:
        """The layers from (latent_dim + classes,) to the image."""
        return dcgan.generator_plan(latent_dim, self.image_shape, self.base_channels, self.classes, self.attention)

    def infer(self, noise: Noise) -> Generator:
        networks.require_size("generator", self.image_shape)
        networks.require_attention(self.attention, self.image_shape)
        return networks.generator_port(self.plan(noise.dim), self.image_shape, noise, self.classes)

    def build(self, building: Building, noise: "Latents") -> "GeneratorPart":
        return networks.build_generator(building, self.plan(noise.dim), noise, self.classes)


class DCGANDiscriminator(Node):
    """A discriminator that mirrors the DCGAN generator: convolutions that halve the image, then one score.

    As a critic under a gradient penalty it must have normalization `none`.
    """

    title: ClassVar[str] = "DCGAN discriminator"
    category: ClassVar[Category] = "discriminator"
    outputs: ClassVar[tuple[type[Port], ...]] = (Discriminator,)

    images: networks.ImagesWire
    base_channels: Annotated[
        int,
        Field(
            ge=1,
            le=1024,
            description="Feature maps of the first convolution; each halving of the size doubles them, up to 8 times.",
        ),
        Param(key=True, step=8),
    ] = 32
    normalization: Annotated[
        networks.Normalization,
        Field(
            description="batch: by the statistics of the batch; none: as a critic under a gradient penalty needs it."
        ),
    ] = "batch"
    attention: networks.Attention = 0
    conditional: networks.Conditional = False

    def plan(self, image_shape: ImageShape, classes: int) -> Plan:
        """The layers from the image to one score."""
        return dcgan.discriminator_plan(image_shape, self.base_channels, self.normalization, classes, self.attention)

    def infer(self, images: Images) -> Discriminator:
        networks.require_size("discriminator", images.shape, wire="images")
        networks.require_attention(self.attention, images.shape)
        classes = networks.classes_of(images, self.conditional)
        return Discriminator(self.plan(images.shape, classes), images.shape, images, classes)

    def build(self, building: Building, images: "RealImages") -> "DiscriminatorPart":
        classes = images.classes if self.conditional else 0
        return networks.build_discriminator(building, self.plan(images.train.shape, classes), images, classes)
