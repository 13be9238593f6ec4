"""Encoders and decoders: an image to a code, and back."""

from abc import abstractmethod
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from pipeline.graph.node import Category, Link, Misfit, Node, Param, Port
from pipeline.models import autoencoder
from pipeline.models.autoencoder import SIDE_MULTIPLE
from pipeline.models.plan import Plan
from pipeline.nodes.building import Building
from pipeline.nodes.networks.mlp import Hidden, Slope, widths
from pipeline.nodes.networks.network_node import AnySizeField, ChannelsField, built
from pipeline.nodes.ports import DecoderPort, EncoderPort, ImageShape, ImagesPort, NoisePort

if TYPE_CHECKING:
    from pipeline.families.autoencoder.coding import DecoderPart, EncoderPart
    from pipeline.training.parts import NoisePart, RealImages

BaseChannels = Annotated[
    int,
    Field(ge=1, le=1024, description="Feature maps at half the image's size; at a quarter there are twice as many."),
    Param(key=True, step=8),
]


class EncoderNode(Node):
    """What every encoder has: the images it learns from, and what its codes are."""

    category: ClassVar[Category] = "encoder"

    images: Annotated[Link, ImagesPort, Field(description="The real images that it learns to encode.")]
    prior: Annotated[
        Link, NoisePort, Field(description="The noise that the decoder is wired to: a code has as many dimensions.")
    ]
    code: Annotated[
        Literal["point", "distribution"],
        Field(
            description="point: one number for each dimension, as an autoencoder needs it; distribution: mean and "
            "variance of a normal distribution, as a variational autoencoder needs them."
        ),
        Param(key=True),
    ] = "point"

    @property
    def numbers(self) -> int:
        """How many it gives for each latent dimension."""
        return 2 if self.code == "distribution" else 1

    @abstractmethod
    def plan(self, image_shape: ImageShape, latent_dim: int) -> Plan:
        """The layers from the image to (numbers, latent_dim)."""

    def infer(self, images: ImagesPort, prior: NoisePort) -> EncoderPort:
        plan = self.plan(images.shape, prior.dim)
        return EncoderPort(plan, images.shape, images, prior.dim, self.code == "distribution")

    def build(self, building: Building, images: "RealImages", prior: "NoisePart") -> "EncoderPart":
        from pipeline.families.autoencoder.coding import EncoderPart

        plan = self.plan(images.train.shape, prior.dim)
        return EncoderPart(building.node_id, built(building, plan), images, prior)


class DecoderNode(Node):
    """What every decoder has: the latents it decodes, and the images it makes."""

    category: ClassVar[Category] = "decoder"

    latents: Annotated[
        Link, NoisePort, Field(description="What it makes images from: codes have as many dimensions as this noise.")
    ]
    image_size: AnySizeField = 28
    channels: ChannelsField = 1

    @property
    def image_shape(self) -> ImageShape:
        """(channels, height, width) of the images it makes."""
        return self.channels, self.image_size, self.image_size

    @abstractmethod
    def plan(self, latent_dim: int) -> Plan:
        """The layers from (latent_dim,) to the image; the last is tanh."""

    def infer(self, latents: NoisePort) -> DecoderPort:
        return DecoderPort(self.plan(latents.dim), self.image_shape, latents.dim)

    def build(self, building: Building, latents: "NoisePart") -> "DecoderPart":
        from pipeline.families.autoencoder.coding import DecoderPart

        return DecoderPart(building.node_id, built(building, self.plan(latents.dim)), latents)


class MLPEncoder(EncoderNode):
    """An encoder of fully connected layers with leaky rectifiers. It takes its size from its images."""

    title: ClassVar[str] = "MLP encoder"
    outputs: ClassVar[tuple[type[Port], ...]] = (EncoderPort,)

    hidden: Hidden = "512,256"
    slope: Slope = 0.2

    def plan(self, image_shape: ImageShape, latent_dim: int) -> Plan:
        return autoencoder.mlp_encoder_plan(image_shape, latent_dim, self.numbers, widths(self.hidden), self.slope)


class MLPDecoder(DecoderNode):
    """A decoder of fully connected layers, leaky rectifiers between them and tanh at the end."""

    title: ClassVar[str] = "MLP decoder"
    outputs: ClassVar[tuple[type[Port], ...]] = (DecoderPort,)

    hidden: Hidden = "256,512"
    slope: Slope = 0.2

    def plan(self, latent_dim: int) -> Plan:
        return autoencoder.mlp_decoder_plan(latent_dim, self.image_shape, widths(self.hidden), self.slope)


class ConvEncoder(EncoderNode):
    """An encoder of two convolutions that halve the image, with batch normalization. It takes its size from its images.

    Neighbouring pixels go together, so it learns from fewer images than fully connected layers do.
    """

    title: ClassVar[str] = "Convolutional encoder"
    outputs: ClassVar[tuple[type[Port], ...]] = (EncoderPort,)

    base_channels: BaseChannels = 32

    def plan(self, image_shape: ImageShape, latent_dim: int) -> Plan:
        return autoencoder.conv_encoder_plan(image_shape, latent_dim, self.numbers, self.base_channels)

    def infer(self, images: ImagesPort, prior: NoisePort) -> EncoderPort:
        if images.shape[-1] % SIDE_MULTIPLE:
            raise Misfit(_size_remedy("encoder", images.shape[-1]), wire="images", field="image_size")
        return super().infer(images, prior)


class ConvDecoder(DecoderNode):
    """A decoder that mirrors the convolutional encoder: a coarse image from the code, doubled twice, and tanh."""

    title: ClassVar[str] = "Convolutional decoder"
    outputs: ClassVar[tuple[type[Port], ...]] = (DecoderPort,)

    base_channels: BaseChannels = 32

    def plan(self, latent_dim: int) -> Plan:
        return autoencoder.conv_decoder_plan(latent_dim, self.image_shape, self.base_channels)

    def infer(self, latents: NoisePort) -> DecoderPort:
        if self.image_size % SIDE_MULTIPLE:
            raise Misfit(_size_remedy("decoder", self.image_size), field="image_size")
        return super().infer(latents)


def _size_remedy(role: str, size: int) -> str:
    below = max(SIDE_MULTIPLE, size - size % SIDE_MULTIPLE)
    return (
        f"A convolutional {role} works on images whose sides are multiples of {SIDE_MULTIPLE}, and {size} is not; "
        f"set the image size to {below} or {below + SIDE_MULTIPLE}."
    )
