"""Base classes of the GAN's network nodes, and the parameters and checks that all network nodes share."""

from abc import abstractmethod
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from pipeline.formatting import listed
from pipeline.graph.node import Category, Link, Misfit, Node, Param
from pipeline.models import pyramid
from pipeline.models.plan import End, Plan
from pipeline.nodes.building import Building
from pipeline.nodes.ports import DiscriminatorPort, GeneratorPort, ImageShape, ImagesPort, NoisePort

if TYPE_CHECKING:
    from pipeline.families.adversarial.parts import DiscriminatorPart, GeneratorPart
    from pipeline.models.modules import Network
    from pipeline.training.parts import NoisePart, RealImages

NoiseWire = Annotated[Link, NoisePort, Field(description="The latent vectors that images are generated from.")]
ImagesWire = Annotated[
    Link,
    ImagesPort,
    Field(description="The real images to tell from generated ones. The network takes its input size from them."),
]
AnySizeField = Annotated[
    int, Field(ge=1, le=256, description="Side of the generated images in pixels."), Param(key=True, step=4)
]
SizeField = Annotated[
    int,
    Field(
        ge=pyramid.SMALLEST_SIDE,
        le=256,
        description=f"Side of the generated images in pixels; a multiple of {pyramid.SIDE_MULTIPLE}.",
    ),
    Param(key=True, step=pyramid.SIDE_MULTIPLE),
]
ChannelsField = Annotated[int, Field(ge=1, le=3, description="1 for grey images, 3 for colour.")]
Normalization = Literal["batch", "none"]
AttentionField = Annotated[
    int,
    Field(
        ge=0,
        le=32,
        description="Adds a self-attention layer, through which every position sees all others, at feature maps of "
        "this side in pixels, such as 7, 8, 14 or 16. It must be one of the network's own sizes; 0 adds none.",
    ),
    Param(label="Self-attention at"),
]
ClassesField = Annotated[
    int,
    Field(
        ge=0,
        le=1000,
        description="Number of classes of a conditional generator, which makes images of a requested class; 0 for "
        "an unconditional one.",
    ),
]
OutputField = Annotated[
    End,
    Field(
        description="The function at the end, which bounds the values of the images. tanh: for images of -1 to 1. "
        "sigmoid: for images whose value range is 0 to 1."
    ),
]
ConditionalField = Annotated[
    bool,
    Field(
        description="Condition on the class of each image: the score then also says whether the image shows its class."
    ),
]


class GeneratorNode(Node):
    """Base class of generator nodes: input noise, and size, channels and classes of the images."""

    category: ClassVar[Category] = "generator"

    noise: NoiseWire
    image_size: SizeField = 28
    channels: ChannelsField = 1
    classes: ClassesField = 0
    output: OutputField = "tanh"

    @property
    def image_shape(self) -> ImageShape:
        """(channels, height, width) of the generated images."""
        return self.channels, self.image_size, self.image_size

    @abstractmethod
    def plan(self, latent_dim: int) -> Plan:
        """The layers from (latent_dim + classes,) to the image."""

    def infer(self, noise: NoisePort) -> GeneratorPort:
        require_classes(self.classes)
        return GeneratorPort(bounded(self.plan(noise.dim), self.output), self.image_shape, noise.dim, self.classes)

    def build(self, building: Building, noise: "NoisePart") -> "GeneratorPart":
        from pipeline.families.adversarial.parts import GeneratorPart

        network = build_network_for(building, bounded(self.plan(noise.dim), self.output))
        return GeneratorPart(building.node_id, network, noise, self.classes)


class DiscriminatorNode(Node):
    """Base class of discriminator nodes: the real images, which set its input size, and whether it is conditional."""

    category: ClassVar[Category] = "discriminator"

    images: ImagesWire
    conditional: ConditionalField = False

    @abstractmethod
    def plan(self, image_shape: ImageShape, classes: int) -> Plan:
        """The layers from the image to one score."""

    def infer(self, images: ImagesPort) -> DiscriminatorPort:
        classes = label_classes(images, self.conditional)
        return DiscriminatorPort(self.plan(images.shape, classes), images.shape, images, classes)

    def build(self, building: Building, images: "RealImages") -> "DiscriminatorPart":
        from pipeline.families.adversarial.parts import DiscriminatorPart

        classes = images.classes if self.conditional else 0
        plan = self.plan(images.train.shape, classes)
        return DiscriminatorPart(building.node_id, build_network_for(building, plan), images, classes)


class ConvolutionalGenerator(GeneratorNode):
    """Base class of generators that upsample coarse feature maps by repeated doubling."""

    base_channels: Annotated[
        int,
        Field(
            ge=2,
            le=1024,
            description="Feature maps (channels) at the coarsest resolution. Each doubling of the size halves them, "
            "down to an eighth.",
        ),
        Param(key=True, step=8),
    ] = 64
    attention: AttentionField = 0

    def infer(self, noise: NoisePort) -> GeneratorPort:
        require_size("generator", self.image_shape)
        require_attention(self.attention, self.image_shape)
        return super().infer(noise)


class ConvolutionalDiscriminator(DiscriminatorNode):
    """Base class of discriminators that downsample the image by repeated halving."""

    base_channels: Annotated[
        int,
        Field(
            ge=1,
            le=1024,
            description="Feature maps (channels) after the first halving. Each further halving of the size doubles "
            "them, up to 8 times as many.",
        ),
        Param(key=True, step=8),
    ] = 32
    attention: AttentionField = 0

    def infer(self, images: ImagesPort) -> DiscriminatorPort:
        require_size("discriminator", images.shape, wire="images")
        require_attention(self.attention, images.shape)
        return super().infer(images)


def bounded(plan: Plan, output: End) -> Plan:
    """The plan of a network that makes images, with this function at its end. Raises Misfit if it ends in another."""
    if output == "tanh":
        # As the node's class has made it.
        return plan
    if plan.end is None:
        raise Misfit(
            "Network does not end in a tanh, so that its end cannot be changed; set output to tanh.",
            field="output",
            value="tanh",
        )
    return plan.ending_in(output)


def require_classes(classes: int) -> None:
    """Raises Misfit for a conditional generator with a single class."""
    if classes == 1:
        raise Misfit(
            "A conditional generator needs at least two classes; set classes to 0 for an unconditional one.",
            field="classes",
            value=0,
        )


def label_classes(images: ImagesPort, conditional: bool) -> int:
    """Number of classes a discriminator of these images is conditioned on, 0 if it is unconditional.

    Raises Misfit if it is conditional and the images have fewer than two classes.
    """
    if not conditional:
        return 0
    if images.classes < 2:
        raise Misfit(
            "A conditional discriminator needs labelled images of at least two classes, which these are not; "
            "turn conditional off, or choose labelled images.",
            field="conditional",
            value=False,
        )
    return images.classes


def require_size(role: str, image_shape: ImageShape, wire: str | None = None) -> None:
    """Raises Misfit, blamed on the other end of `wire`, if repeated halving or doubling cannot reach this size."""
    _, height, width = image_shape
    if pyramid.fits(height, width):
        return
    wrong = next(side for side in (width, height) if not pyramid.fits(side, side))
    sides = pyramid.nearest_sides(wrong)
    nearest = " or ".join(map(str, sides))
    raise Misfit(
        f"A convolutional {role} needs images whose sides are multiples of {pyramid.SIDE_MULTIPLE}, at least "
        f"{pyramid.SMALLEST_SIDE}, and {wrong} is not; set the image size to {nearest}.",
        wire=wire,
        field="image_size",
        value=min(sides, key=lambda side: abs(side - wrong)),
    )


def require_attention(attention: int, image_shape: ImageShape) -> None:
    """Raises Misfit if the network of these images has no feature map of the size given for self-attention."""
    sides = pyramid.attention_sides(image_shape)
    if attention and attention not in sides:
        raise Misfit(
            f"Self-attention is set to {attention}, but the feature maps of this network have sides "
            f"{listed(map(str, sides))}; choose one of these, or 0 for none.",
            field="attention",
            value=min(sides, key=lambda side: abs(side - attention), default=0),
        )


def build_network_for(building: Building, plan: Plan) -> "Network":
    """The network of this plan, on the device, initialised from the node's own seed."""
    from pipeline.models.build import build_network

    return build_network(plan, building.weights_seed).to(building.device)
