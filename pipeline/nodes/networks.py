"""What the networks of all families share: their wires and parameters, what does not fit, and how a plan is built."""

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from pipeline.graph.node import Link, Misfit, Param
from pipeline.models import pyramid
from pipeline.models.plan import Plan
from pipeline.nodes.building import Building
from pipeline.nodes.ports import Generator, Images, ImageShape, Noise, Role

if TYPE_CHECKING:
    from pipeline.training.parts import DiscriminatorPart, GeneratorPart, Latents, RealImages

NoiseWire = Annotated[Link, Noise, Field(description="The latent vectors that images are made from.")]
ImagesWire = Annotated[
    Link, Images, Field(description="The real images that it learns to tell from generated ones; it has their size.")
]
Size = Annotated[
    int,
    Field(
        ge=pyramid.SMALLEST_SIDE,
        le=256,
        description=f"Pixels a side of the images it makes; a multiple of {pyramid.SIDE_MULTIPLE}.",
    ),
    Param(key=True, step=pyramid.SIDE_MULTIPLE),
]
Channels = Annotated[int, Field(ge=1, le=3, description="1 for grey images, 3 for colour.")]
Normalization = Literal["batch", "none"]
Attention = Annotated[
    int,
    Field(
        ge=0,
        le=32,
        description="Pixels a side of the feature maps in which every place also sees all others, such as 7, 8, 14 or "
        "16: it must be one of the network's sizes. 0 has no self-attention.",
    ),
    Param(label="Self-attention at"),
]
Classes = Annotated[
    int,
    Field(ge=0, le=1000, description="How many classes it makes images of, each on demand; 0 makes any images."),
]
Conditional = Annotated[
    bool,
    Field(description="Whether it is told the class of every image, and so also asks whether the image shows it."),
]


def generator_port(plan: Plan, image_shape: ImageShape, noise: Noise, classes: int) -> Generator:
    """What is known of a generator. Raises Misfit where it has a single class."""
    if classes == 1:
        raise Misfit(
            "A conditional generator needs at least two classes; set classes to 0 for one that makes any images.",
            field="classes",
        )
    return Generator(plan, image_shape, noise.dim, classes)


def classes_of(images: Images, conditional: bool) -> int:
    """The classes that a discriminator of these images is told: 0 where it is not conditional.

    Raises Misfit where it is and the images are not labelled as two classes or more.
    """
    if conditional and images.classes < 2:
        raise Misfit(
            "A conditional discriminator needs images of at least two classes, and these have no such labels; "
            "switch conditional off, or choose labelled images.",
            field="conditional",
        )
    return images.classes if conditional else 0


def require_size(role: Role, image_shape: ImageShape, wire: str | None = None) -> None:
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
        *others, last = map(str, sides)
        listed = f"{', '.join(others)} and {last}" if others else last
        raise Misfit(
            f"Self-attention is asked for at {attention}, but the feature maps of this network have sides {listed}; "
            "set it to one of these, or to 0 for none.",
            field="attention",
        )


def build_generator(building: Building, plan: Plan, noise: "Latents", classes: int) -> "GeneratorPart":
    """The generator of this plan, on the device."""
    from pipeline.models.build import build_network
    from pipeline.training.parts import GeneratorPart

    network = build_network(plan, building.weights_seed).to(building.device)
    return GeneratorPart(building.node_id, network, plan, noise, classes)


def build_discriminator(building: Building, plan: Plan, images: "RealImages", classes: int) -> "DiscriminatorPart":
    """The discriminator of this plan, on the device."""
    from pipeline.models.build import build_network
    from pipeline.training.parts import DiscriminatorPart

    network = build_network(plan, building.weights_seed).to(building.device)
    return DiscriminatorPart(building.node_id, network, plan, images, classes)
