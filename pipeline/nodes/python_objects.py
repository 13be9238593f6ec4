"""Nodes that stand for what was made in Python: networks and images that `pipeline.api` has been given.

A workflow says of them what a reader wants to know and a check needs: class, shapes, sizes. The objects themselves are
handed to whatever builds the workflow (`Building.given`); a process that has not got them cannot build it, and says so.

A family of one's own joins in with a class like these for each of its roles: a `GivenNetwork` of the role's category.
"""

from abc import abstractmethod
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, NamedTuple

from pydantic import Field

from pipeline.errors.training import MadeInPython
from pipeline.graph.node import Category, Link, Node, Param, Port
from pipeline.nodes.building import Building
from pipeline.nodes.networks.module_node import ModuleNode
from pipeline.nodes.networks.network_node import (
    ClassesField,
    ConditionalField,
    ImagesWire,
    NoiseWire,
    label_classes,
    require_classes,
)
from pipeline.nodes.ports import (
    DecoderPort,
    DiscriminatorPort,
    EncoderPort,
    GeneratorPort,
    ImageShape,
    ImagesPort,
    NoisePort,
)

if TYPE_CHECKING:
    from torch import Tensor, nn

    from pipeline.families.adversarial.parts import DiscriminatorPart, GeneratorPart
    from pipeline.families.autoencoder.coding import DecoderPart, EncoderPart
    from pipeline.models.python_modules import Fitted
    from pipeline.training.parts import NoisePart, RealImages

MOST = 10**12

ClassNameField = Annotated[str, Field(max_length=200, description="Its class. It was made in Python."), Param(key=True)]
SideField = Annotated[int, Field(ge=1, le=4096, description="Of its images.")]


class GivenImageSets(NamedTuple):
    """Images to learn from and held-out ones, in host memory: pixels (N, C, H, W) uint8, labels (N,) int64."""

    pixels: "Tensor"
    labels: "Tensor"
    held_out_pixels: "Tensor"
    held_out_labels: "Tensor"


class GivenNode(Node):
    """What stands for something that was made in Python. made: its class."""

    offered: ClassVar[bool] = False

    made: ClassNameField = ""

    def given(self, building: Building) -> Any:
        """What was given for this node. Raises MadeInPython where this process has not got it."""
        if building.node_id not in building.given:
            raise MadeInPython(self.title, building.node_id, self.made)
        return building.given[building.node_id]


class GivenImages(GivenNode):
    """Images that were given to a training in Python, which alone has them."""

    title: ClassVar[str] = "Images from Python"
    category: ClassVar[Category] = "real"
    outputs: ClassVar[tuple[type[Port], ...]] = (ImagesPort,)

    count: Annotated[int, Field(ge=1, le=MOST, description="ImagesPort to learn from."), Param(key=True)] = 1
    held_out: Annotated[int, Field(ge=0, le=MOST, description="ImagesPort that training never sees.")] = 0
    classes: Annotated[int, Field(ge=0, le=100_000, description="Of their labels; 0 where they have none.")] = 0
    channels: Annotated[int, Field(ge=1, le=3, description="1 for grey images, 3 for colour.")] = 1
    height: SideField = 28
    width: SideField = 28

    def infer(self) -> ImagesPort:
        return ImagesPort((self.channels, self.height, self.width), self.classes, self.count, self.held_out)

    def build(self, building: Building) -> "RealImages":
        from pipeline.data.device_placement import placed
        from pipeline.training.parts import RealImages

        sets: GivenImageSets = self.given(building)
        train = placed(sets.pixels, sets.labels, building.device)
        held_out = placed(sets.held_out_pixels, sets.held_out_labels, building.device)
        return RealImages(building.node_id, train, held_out, self.classes)


class GivenNetwork(GivenNode, ModuleNode):
    """What stands for a torch.nn.Module that was made in Python."""

    weights: Annotated[int, Field(ge=0, le=MOST, description="Numbers in it that training moves.")] = 0
    layers: Annotated[str, Field(max_length=64, description="Tells modules with other layers apart.")] = ""

    @abstractmethod
    def fitted(self, module: Any, image_shape: ImageShape, **wires: Any) -> "Fitted":
        """The module as training calls it. image_shape: of the real images. wires: ports by name.

        The module is tried on a batch, which changes nothing about it. Raises UnfitModule.
        """

    def module(self, port: Any) -> "nn.Module":
        """Raises MadeInPython: only the process that has it can build it."""
        raise MadeInPython(self.title, self.category, self.made)

    def built(self, building: Building) -> Any:
        """A copy of the network, for `build`; what was given stays where it is, with the weights that it has."""
        from copy import deepcopy

        return deepcopy(self.given(building)).to(building.device)


class MakingImages(GivenNetwork):
    """A network that makes images."""

    channels: Annotated[int, Field(ge=1, le=4096, description="Of the images that it makes.")] = 1
    height: SideField = 28
    width: SideField = 28

    @property
    def image_shape(self) -> ImageShape:
        """(channels, height, width) of the images it makes."""
        return self.channels, self.height, self.width


class GivenGenerator(MakingImages):
    """A generator that was given to a training in Python, which alone has it."""

    title: ClassVar[str] = "Generator from Python"
    category: ClassVar[Category] = "generator"
    outputs: ClassVar[tuple[type[Port], ...]] = (GeneratorPort,)

    noise: NoiseWire
    classes: ClassesField = 0

    def infer(self, noise: NoisePort) -> GeneratorPort:
        require_classes(self.classes)
        return GeneratorPort(None, self.image_shape, noise.dim, self.classes)

    def fitted(self, module: Any, image_shape: ImageShape, **wires: Any) -> "Fitted":
        from pipeline.models.python_modules import fitted_generator

        return fitted_generator(self.category, module, wires["noise"].dim + self.classes, image_shape)

    def example(self, port: GeneratorPort) -> "Tensor":
        import torch

        return torch.zeros(2, port.latent_dim + port.classes)

    def build(self, building: Building, noise: "NoisePart") -> "GeneratorPart":
        from pipeline.families.adversarial.parts import GeneratorPart

        return GeneratorPart(building.node_id, self.built(building), noise, self.classes)


class GivenDiscriminator(GivenNetwork):
    """A discriminator that was given to a training in Python, which alone has it."""

    title: ClassVar[str] = "Scorer from Python"
    category: ClassVar[Category] = "discriminator"
    outputs: ClassVar[tuple[type[Port], ...]] = (DiscriminatorPort,)

    images: ImagesWire
    conditional: ConditionalField = False

    def infer(self, images: ImagesPort) -> DiscriminatorPort:
        return DiscriminatorPort(None, images.shape, images, label_classes(images, self.conditional))

    def fitted(self, module: Any, image_shape: ImageShape, **wires: Any) -> "Fitted":
        from pipeline.models.python_modules import fitted_scorer

        return fitted_scorer(self.category, module, image_shape, self.conditional)

    def example(self, port: DiscriminatorPort) -> "tuple[Tensor, ...]":
        import torch

        labels = (torch.zeros(2, dtype=torch.int64),) if port.classes else ()
        return torch.zeros(2, *port.image_shape), *labels

    def build(self, building: Building, images: "RealImages") -> "DiscriminatorPart":
        from pipeline.families.adversarial.parts import DiscriminatorPart

        classes = images.classes if self.conditional else 0
        return DiscriminatorPart(building.node_id, self.built(building), images, classes)


class GivenEncoder(GivenNetwork):
    """An encoder that was given to a training in Python, which alone has it."""

    title: ClassVar[str] = "Encoder from Python"
    category: ClassVar[Category] = "encoder"
    outputs: ClassVar[tuple[type[Port], ...]] = (EncoderPort,)

    images: Annotated[Link, ImagesPort, Field(description="The real images that it learns to encode.")]
    prior: Annotated[
        Link, NoisePort, Field(description="The noise that the decoder is wired to: a code has as many dimensions.")
    ]
    code: Annotated[
        Literal["point", "distribution"],
        Field(description="point: one number for each dimension; distribution: mean and log-variance of it."),
    ] = "point"

    def infer(self, images: ImagesPort, prior: NoisePort) -> EncoderPort:
        return EncoderPort(None, images.shape, images, prior.dim, self.code == "distribution")

    def fitted(self, module: Any, image_shape: ImageShape, **wires: Any) -> "Fitted":
        from pipeline.models.python_modules import fitted_encoder

        numbers = 2 if self.code == "distribution" else 1
        return fitted_encoder(self.category, module, image_shape, numbers, wires["prior"].dim)

    def example(self, port: EncoderPort) -> "Tensor":
        import torch

        return torch.zeros(2, *port.image_shape)

    def build(self, building: Building, images: "RealImages", prior: "NoisePart") -> "EncoderPart":
        from pipeline.families.autoencoder.coding import EncoderPart

        return EncoderPart(building.node_id, self.built(building), images, prior)


class GivenDecoder(MakingImages):
    """A decoder that was given to a training in Python, which alone has it."""

    title: ClassVar[str] = "Decoder from Python"
    category: ClassVar[Category] = "decoder"
    outputs: ClassVar[tuple[type[Port], ...]] = (DecoderPort,)

    latents: Annotated[
        Link, NoisePort, Field(description="What it makes images from: codes have as many dimensions as this noise.")
    ]

    def infer(self, latents: NoisePort) -> DecoderPort:
        return DecoderPort(None, self.image_shape, latents.dim)

    def fitted(self, module: Any, image_shape: ImageShape, **wires: Any) -> "Fitted":
        from pipeline.models.python_modules import fitted_decoder

        return fitted_decoder(self.category, module, wires["latents"].dim, image_shape)

    def example(self, port: DecoderPort) -> "Tensor":
        import torch

        return torch.zeros(2, port.latent_dim)

    def build(self, building: Building, latents: "NoisePart") -> "DecoderPart":
        from pipeline.families.autoencoder.coding import DecoderPart

        return DecoderPart(building.node_id, self.built(building), latents)
