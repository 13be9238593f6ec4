"""The encoder and decoder nodes of autoencoders."""

from abc import abstractmethod
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from pipeline.graph.node import Category, Link, Misfit, Node, Param, Port
from pipeline.models import autoencoder
from pipeline.models.autoencoder import SIDE_MULTIPLE
from pipeline.models.plan import Plan
from pipeline.nodes.building import Building
from pipeline.nodes.networks.mlp import Hidden, Slope, widths
from pipeline.nodes.networks.network_node import AnySizeField, ChannelsField, OutputField, bounded, build_network_for
from pipeline.nodes.ports import DecoderPort, EncoderPort, ImageShape, ImagesPort, NoisePort

if TYPE_CHECKING:
    from pipeline.families.autoencoder.coding import DecoderPart, EncoderPart
    from pipeline.training.parts import NoisePart, RealImages

BaseChannels = Annotated[
    int,
    Field(ge=1, le=1024, description="Feature maps (channels) at half the image size; at a quarter, twice as many."),
    Param(key=True, step=8),
]


class EncoderNode(Node):
    """Base class of encoder nodes: the images it learns from, and the size and kind of its codes."""

    category: ClassVar[Category] = "encoder"

    images: Annotated[
        Link, ImagesPort, Field(description="The real images to encode. The network takes its input size from them.")
    ]
    prior: Annotated[
        Link, NoisePort, Field(description="The noise that feeds the decoder; it sets the number of code dimensions.")
    ]
    code: Annotated[
        Literal["point", "distribution"],
        Field(
            description="point: one number per dimension, for an autoencoder (reconstruction loss). distribution: mean "
            "and log-variance of a normal distribution per dimension, for a variational autoencoder."
        ),
        Param(key=True),
    ] = "point"

    @property
    def numbers(self) -> int:
        """Outputs per latent dimension: 1 for a point, 2 for a distribution."""
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
        return EncoderPart(building.node_id, build_network_for(building, plan), images, prior)


class DecoderNode(Node):
    """Base class of decoder nodes: the noise that sets its code size, and the shape of its images."""

    category: ClassVar[Category] = "decoder"

    latents: Annotated[
        Link,
        NoisePort,
        Field(description="The noise that sets the number of code dimensions. Connect the encoder's prior to it too."),
    ]
    image_size: AnySizeField = 28
    channels: ChannelsField = 1
    output: OutputField = "tanh"

    @property
    def image_shape(self) -> ImageShape:
        """(channels, height, width) of the decoded images."""
        return self.channels, self.image_size, self.image_size

    @abstractmethod
    def plan(self, latent_dim: int) -> Plan:
        """The layers from (latent_dim,) to the image; the last is tanh."""

    def infer(self, latents: NoisePort) -> DecoderPort:
        return DecoderPort(bounded(self.plan(latents.dim), self.output), self.image_shape, latents.dim)

    def build(self, building: Building, latents: "NoisePart") -> "DecoderPart":
        from pipeline.families.autoencoder.coding import DecoderPart

        network = build_network_for(building, bounded(self.plan(latents.dim), self.output))
        return DecoderPart(building.node_id, network, latents)


class MLPEncoder(EncoderNode):
    """Encoder of fully connected layers with leaky ReLU. Its input size is that of the connected images."""

    title: ClassVar[str] = "MLP encoder"
    outputs: ClassVar[tuple[type[Port], ...]] = (EncoderPort,)

    hidden: Hidden = "512,256"
    slope: Slope = 0.2

    def plan(self, image_shape: ImageShape, latent_dim: int) -> Plan:
        return autoencoder.mlp_encoder_plan(image_shape, latent_dim, self.numbers, widths(self.hidden), self.slope)


class MLPDecoder(DecoderNode):
    """Decoder of fully connected layers, with leaky ReLU between them and tanh at the end."""

    title: ClassVar[str] = "MLP decoder"
    outputs: ClassVar[tuple[type[Port], ...]] = (DecoderPort,)

    hidden: Hidden = "256,512"
    slope: Slope = 0.2

    def plan(self, latent_dim: int) -> Plan:
        return autoencoder.mlp_decoder_plan(latent_dim, self.image_shape, widths(self.hidden), self.slope)


class ConvEncoder(EncoderNode):
    """Encoder of two strided convolutions, each halving the image, with batch normalization.

    Convolutions exploit that neighbouring pixels belong together, so it needs fewer images than fully connected layers.
    Its input size is that of the connected images.
    """

    title: ClassVar[str] = "Convolutional encoder"
    outputs: ClassVar[tuple[type[Port], ...]] = (EncoderPort,)

    base_channels: BaseChannels = 32

    def plan(self, image_shape: ImageShape, latent_dim: int) -> Plan:
        return autoencoder.conv_encoder_plan(image_shape, latent_dim, self.numbers, self.base_channels)

    def infer(self, images: ImagesPort, prior: NoisePort) -> EncoderPort:
        require_sides("encoder", images.shape[-1], wire="images")
        return super().infer(images, prior)


class ConvDecoder(DecoderNode):
    """Decoder that mirrors the convolutional encoder: coarse feature maps from the code, doubled twice, then tanh."""

    title: ClassVar[str] = "Convolutional decoder"
    outputs: ClassVar[tuple[type[Port], ...]] = (DecoderPort,)

    base_channels: BaseChannels = 32

    def plan(self, latent_dim: int) -> Plan:
        return autoencoder.conv_decoder_plan(latent_dim, self.image_shape, self.base_channels)

    def infer(self, latents: NoisePort) -> DecoderPort:
        require_sides("decoder", self.image_size)
        return super().infer(latents)


def require_sides(role: str, size: int, wire: str | None = None) -> None:
    """Raises Misfit, blamed on the other end of `wire`, if two halvings cannot divide sides of this size."""
    if size % SIDE_MULTIPLE:
        below = max(SIDE_MULTIPLE, size - size % SIDE_MULTIPLE)
        raise Misfit(
            f"A convolutional {role} needs images whose sides are multiples of {SIDE_MULTIPLE}, and {size} is not; "
            f"set the image size to {below} or {below + SIDE_MULTIPLE}.",
            wire=wire,
            field="image_size",
            value=below if size - below <= SIDE_MULTIPLE / 2 else below + SIDE_MULTIPLE,
        )
