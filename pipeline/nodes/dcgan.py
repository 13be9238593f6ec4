"""Convolutional networks as generator and discriminator, after DCGAN."""

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from pipeline.graph.node import Category, Link, Misfit, Node, Param, Port
from pipeline.models import dcgan
from pipeline.models.dcgan import SIDE_MULTIPLE
from pipeline.models.plan import Plan
from pipeline.nodes.building import Building
from pipeline.nodes.ports import Discriminator, Generator, Images, ImageShape, Noise

if TYPE_CHECKING:
    from pipeline.training.parts import DiscriminatorPart, GeneratorPart, Latents, RealImages


class DCGANGenerator(Node):
    """A generator of transposed convolutions with batch normalization: a coarse image from the noise, doubled twice."""

    title: ClassVar[str] = "DCGAN generator"
    category: ClassVar[Category] = "generator"
    outputs: ClassVar[tuple[type[Port], ...]] = (Generator,)

    noise: Annotated[Link, Noise, Field(description="The latent vectors that images are made from.")]
    image_size: Annotated[
        int,
        Field(ge=4, le=256, description=f"Pixels a side of the images it makes; a multiple of {SIDE_MULTIPLE}."),
        Param(key=True, step=SIDE_MULTIPLE),
    ] = 28
    channels: Annotated[int, Field(ge=1, le=3, description="1 for grey images, 3 for colour.")] = 1
    base_channels: Annotated[
        int,
        Field(ge=2, le=1024, description="Feature maps of the coarse image; each doubling of the size halves them."),
        Param(key=True, step=8),
    ] = 64

    @property
    def image_shape(self) -> ImageShape:
        """(channels, height, width) of the images it makes."""
        return self.channels, self.image_size, self.image_size

    def plan(self, latent_dim: int) -> Plan:
        """The layers from (latent_dim,) to the image."""
        return dcgan.generator_plan(latent_dim, self.image_shape, self.base_channels)

    def infer(self, noise: Noise) -> Generator:
        if self.image_size % SIDE_MULTIPLE:
            raise Misfit(_size_remedy("generator", self.image_size), field="image_size")
        return Generator(self.plan(noise.dim), self.image_shape, noise.dim)

    def build(self, building: Building, noise: "Latents") -> "GeneratorPart":
        from pipeline.models.build import build_network
        from pipeline.training.parts import GeneratorPart

        plan = self.plan(noise.dim)
        network = build_network(plan, building.weights_seed).to(building.device)
        return GeneratorPart(building.node_id, network, plan, noise)


class DCGANDiscriminator(Node):
    """A discriminator that mirrors the DCGAN generator: two convolutions that halve the image, then one score.

    It takes its size from its images. As a critic under a gradient penalty it must have normalization `none`.
    """

    title: ClassVar[str] = "DCGAN discriminator"
    category: ClassVar[Category] = "discriminator"
    outputs: ClassVar[tuple[type[Port], ...]] = (Discriminator,)

    images: Annotated[Link, Images, Field(description="The real images that it learns to tell from generated ones.")]
    base_channels: Annotated[
        int,
        Field(ge=1, le=1024, description="Feature maps of the first convolution; the second has twice as many."),
        Param(key=True, step=8),
    ] = 32
    normalization: Annotated[
        Literal["batch", "none"],
        Field(
            description="batch: by the statistics of the batch; none: as a critic under a gradient penalty needs it."
        ),
    ] = "batch"

    def plan(self, image_shape: ImageShape) -> Plan:
        """The layers from the image to one score."""
        return dcgan.discriminator_plan(image_shape, self.base_channels, self.normalization)

    def infer(self, images: Images) -> Discriminator:
        size = images.shape[-1]
        if size % SIDE_MULTIPLE:
            raise Misfit(_size_remedy("discriminator", size), wire="images", field="image_size")
        return Discriminator(self.plan(images.shape), images.shape, images)

    def build(self, building: Building, images: "RealImages") -> "DiscriminatorPart":
        from pipeline.models.build import build_network
        from pipeline.training.parts import DiscriminatorPart

        plan = self.plan(images.train.shape)
        network = build_network(plan, building.weights_seed).to(building.device)
        return DiscriminatorPart(building.node_id, network, plan, images)


def _size_remedy(role: str, size: int) -> str:
    below = max(SIDE_MULTIPLE, size - size % SIDE_MULTIPLE)
    return (
        f"A DCGAN {role} works on images whose sides are multiples of {SIDE_MULTIPLE}, and {size} is not; "
        f"set the image size to {below} or {below + SIDE_MULTIPLE}."
    )
