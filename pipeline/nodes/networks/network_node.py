"""What the networks of all families share: their wires and parameters, what does not fit, and how a plan is built."""

from abc import abstractmethod
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from pipeline.formatting import listed
from pipeline.graph.node import Category, Link, Misfit, Node, Param
from pipeline.models import pyramid
from pipeline.models.plan import Plan
from pipeline.nodes.building import Building
from pipeline.nodes.ports import DiscriminatorPort, GeneratorPort, ImageShape, ImagesPort, NoisePort

if TYPE_CHECKING:
    from pipeline.families.adversarial.parts import DiscriminatorPart, GeneratorPart
    from pipeline.models.modules import Network
    from pipeline.training.parts import NoisePart, RealImages

NoiseWire = Annotated[Link, NoisePort, Field(description="The latent vectors that images are made from.")]
ImagesWire = Annotated[
    Link,
    ImagesPort,
    Field(description="The real images that it learns to tell from generated ones; it has their size."),
]
AnySizeField = Annotated[
    int, Field(ge=1, le=256, description="Pixels a side of the images it makes."), Param(key=True, step=4)
]
SizeField = Annotated[
    int,
    Field(
        ge=pyramid.SMALLEST_SIDE,
        le=256,
        description=f"Pixels a side of the images it makes; a multiple of {pyramid.SIDE_MULTIPLE}.",
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
        description="Pixels a side of the feature maps in which every place also sees all others, such as 7, 8, 14 or "
        "16: it must be one of the network's sizes. 0 has no self-attention.",
    ),
    Param(label="Self-attention at"),
]
ClassesField = Annotated[
    int,
    Field(ge=0, le=1000, description="How many classes it makes images of, each on demand; 0 makes any images."),
]
ConditionalField = Annotated[
    bool,
    Field(description="Whether it is told the class of every image, and so also asks whether the image shows it."),
]


class GeneratorNode(Node):
    """What every generator has: the noise it begins with, and the images it makes."""

    category: ClassVar[Category] = "generator"

    noise: NoiseWire
    image_size: SizeField = 28
    channels: ChannelsField = 1
    classes: ClassesField = 0

    @property
    def image_shape(self) -> ImageShape:
        """(channels, height, width) of the images it makes."""
        return self.channels, self.image_size, self.image_size

    @abstractmethod
    def plan(self, latent_dim: int) -> Plan:
        """The layers from (latent_dim + classes,) to the image."""

    def infer(self, noise: NoisePort) -> GeneratorPort:
        require_classes(self.classes)
        return GeneratorPort(self.plan(noise.dim), self.image_shape, noise.dim, self.classes)

    def build(self, building: Building, noise: "NoisePart") -> "GeneratorPart":
        from pipeline.families.adversarial.parts import GeneratorPart

        return GeneratorPart(building.node_id, built(building, self.plan(noise.dim)), noise, self.classes)


class DiscriminatorNode(Node):
    """What every discriminator has: the real images it sees, whose size is its own, and whether it is told classes."""

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
        return DiscriminatorPart(building.node_id, built(building, plan), images, classes)


class ConvolutionalGenerator(GeneratorNode):
    """A generator that doubles a coarse image in steps."""

    base_channels: Annotated[
        int,
        Field(
            ge=2,
            le=1024,
            description="Feature maps of the coarse image; each doubling of the size halves them, down to an eighth.",
        ),
        Param(key=True, step=8),
    ] = 64
    attention: AttentionField = 0

    def infer(self, noise: NoisePort) -> GeneratorPort:
        require_size("generator", self.image_shape)
        require_attention(self.attention, self.image_shape)
        return super().infer(noise)


class ConvolutionalDiscriminator(DiscriminatorNode):
    """A discriminator that halves the image in steps."""

    base_channels: Annotated[
        int,
        Field(
            ge=1,
            le=1024,
            description="Feature maps of the first step; each halving of the size doubles them, up to 8 times.",
        ),
        Param(key=True, step=8),
    ] = 32
    attention: AttentionField = 0

    def infer(self, images: ImagesPort) -> DiscriminatorPort:
        require_size("discriminator", images.shape, wire="images")
        require_attention(self.attention, images.shape)
        return super().infer(images)


def require_classes(classes: int) -> None:
    """Raises Misfit where a generator is to make images of a single class."""
    if classes == 1:
        raise Misfit(
            "A conditional generator needs at least two classes; set classes to 0 for one that makes any images.",
            field="classes",
        )


def label_classes(images: ImagesPort, conditional: bool) -> int:
    """How many classes a discriminator of these images is told of, 0 for none. Raises Misfit where they have none."""
    if not conditional:
        return 0
    if images.classes < 2:
        raise Misfit(
            "A conditional discriminator needs images of at least two classes, and these have no such labels; "
            "switch conditional off, or choose labelled images.",
            field="conditional",
        )
    return images.classes


def require_size(role: str, image_shape: ImageShape, wire: str | None = None) -> None:
    """Raises Misfit, blamed on the other end of `wire`, where convolutions cannot halve or double to this size."""
    _, height, width = image_shape
    if pyramid.fits(height, width):
        return
    wrong = next(side for side in (width, height) if not pyramid.fits(side, side))
    nearest = " or ".join(map(str, pyramid.nearest_sides(wrong)))
    raise Misfit(
        f"A convolutional {role} works on images whose sides are multiples of {pyramid.SIDE_MULTIPLE} from "
        f"{pyramid.SMALLEST_SIDE} on, and {wrong} is not; set the image size to {nearest}.",
        wire=wire,
        field="image_size",
    )


def require_attention(attention: int, image_shape: ImageShape) -> None:
    """Raises Misfit where no feature map of a network of these images has the size that self-attention is asked at."""
    sides = pyramid.attention_sides(image_shape)
    if attention and attention not in sides:
        raise Misfit(
            f"Self-attention is asked for at {attention}, but the feature maps of this network have sides "
            f"{listed(map(str, sides))}; set it to one of these, or to 0 for none.",
            field="attention",
        )


def built(building: Building, plan: Plan) -> "Network":
    """The network of this plan, on the device; its first weights are the node's own."""
    from pipeline.models.build import build_network

    return build_network(plan, building.weights_seed).to(building.device)
