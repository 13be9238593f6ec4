"""Residual networks as generator and discriminator."""

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from pipeline.graph.node import Category, Node, Param, Port
from pipeline.models import resnet
from pipeline.models.plan import Plan
from pipeline.nodes import networks
from pipeline.nodes.building import Building
from pipeline.nodes.ports import Discriminator, Generator, Images, ImageShape, Noise

if TYPE_CHECKING:
    from pipeline.training.parts import DiscriminatorPart, GeneratorPart, Latents, RealImages


class ResNetGenerator(Node):
    """A generator of residual blocks, each of which doubles the image: deeper than a DCGAN's of the same widths.

    Slower, and better on varied images in colour. It goes with the ResNet discriminator.
    """

    title: ClassVar[str] = "ResNet generator"
    category: ClassVar[Category] = "generator"
    outputs: ClassVar[tuple[type[Port], ...]] = (Generator,)

    noise: networks.NoiseWire
    image_size: networks.Size = 28
    channels: networks.Channels = 1
    base_channels: Annotated[
        int,
        Field(ge=2, le=1024, description="Feature maps of the coarse image; a block halves them, down to an eighth."),
        Param(key=True, step=8),
    ] = 128
    normalization: Annotated[
        networks.Normalization,
        Field(description="batch: before every rectifier, by the statistics of the batch; none: nowhere."),
    ] = "batch"
    attention: networks.Attention = 0
    classes: networks.Classes = 0

    @property
    def image_shape(self) -> ImageShape:
        """(channels, height, width) of the images it makes."""
        return self.channels, self.image_size, self.image_size

    def plan(self, latent_dim: int) -> Plan:
        """The layers from (latent_dim + classes,) to the image."""
        return resnet.generator_plan(
            latent_dim, self.image_shape, self.base_channels, self.normalization, self.classes, self.attention
        )

    def infer(self, noise: Noise) -> Generator:
        networks.require_size("generator", self.image_shape)
        networks.require_attention(self.attention, self.image_shape)
        return networks.generator_port(self.plan(noise.dim), self.image_shape, noise, self.classes)

    def build(self, building: Building, noise: "Latents") -> "GeneratorPart":
        return networks.build_generator(building, self.plan(noise.dim), noise, self.classes)


class ResNetDiscriminator(Node):
    """A discriminator of residual blocks that halve the image, one more at its coarsest, then one score.

    It has no normalization, as critics need it; spectral normalization goes well with it. It takes its size from its
    images.
    """

    title: ClassVar[str] = "ResNet discriminator"
    category: ClassVar[Category] = "discriminator"
    outputs: ClassVar[tuple[type[Port], ...]] = (Discriminator,)

    images: networks.ImagesWire
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
    attention: networks.Attention = 0
    conditional: networks.Conditional = False

    def plan(self, image_shape: ImageShape, classes: int) -> Plan:
        """The layers from the image to one score."""
        return resnet.discriminator_plan(image_shape, self.base_channels, self.pooling, classes, self.attention)

    def infer(self, images: Images) -> Discriminator:
        networks.require_size("discriminator", images.shape, wire="images")
        networks.require_attention(self.attention, images.shape)
        classes = networks.classes_of(images, self.conditional)
        return Discriminator(self.plan(images.shape, classes), images.shape, images, classes)

    def build(self, building: Building, images: "RealImages") -> "DiscriminatorPart":
        classes = images.classes if self.conditional else 0
        return networks.build_discriminator(building, self.plan(images.train.shape, classes), images, classes)
