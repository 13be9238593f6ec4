"""Nodes that stand for objects made in Python: networks and images passed to `pipeline.api`.

The workflow stores what readers and checks need: class, shapes and sizes. The objects themselves are passed to the code
that builds the workflow (`Building.given`); a process without them refuses to build it.

To support a custom family, write a class like these for each of its roles: a `GivenNetwork` of the role's category.
"""

from abc import abstractmethod
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, NamedTuple

from pydantic import Field

from pipeline.data.value_range import SIGNED
from pipeline.errors.training import MadeInPython
from pipeline.graph.node import Category, Link, Node, Param, Port
from pipeline.nodes.building import Building
from pipeline.nodes.inputs.value_range_field import ValueRangeField
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
    from pipeline.models.python_modules import AdaptedNetwork
    from pipeline.training.parts import NoisePart, RealImages

MOST = 10**12

ClassNameField = Annotated[
    str, Field(max_length=200, description="Class of the object, which was made in Python."), Param(key=True)
]
SideField = Annotated[int, Field(ge=1, le=4096, description="Size of the images in pixels.")]


class GivenImageSets(NamedTuple):
    """Training and held-out images in host memory: pixels (N, C, H, W) uint8, labels (N,) int64."""

    pixels: "Tensor"
    labels: "Tensor"
    held_out_pixels: "Tensor"
    held_out_labels: "Tensor"


class GivenNode(Node):
    """Base class of nodes that stand for an object made in Python. made: the name of its class."""

    offered: ClassVar[bool] = False

    made: ClassNameField = ""

    def given(self, building: Building) -> Any:
        """The object for this node. Raises MadeInPython if this process does not have it."""
        if building.node_id not in building.given:
            raise MadeInPython(self.title, building.node_id, self.made)
        return building.given[building.node_id]


class GivenImages(GivenNode):
    """Real images passed in from Python. Only the Python process that made them can train on them."""

    title: ClassVar[str] = "Images from Python"
    category: ClassVar[Category] = "real"
    outputs: ClassVar[tuple[type[Port], ...]] = (ImagesPort,)

    count: Annotated[int, Field(ge=1, le=MOST, description="Training images."), Param(key=True)] = 1
    held_out: Annotated[int, Field(ge=0, le=MOST, description="Images that training never sees.")] = 0
    classes: Annotated[int, Field(ge=0, le=100_000, description="Number of classes; 0 if unlabelled.")] = 0
    channels: Annotated[int, Field(ge=1, le=3, description="1 for grey images, 3 for colour.")] = 1
    height: SideField = 28
    width: SideField = 28
    value_range: ValueRangeField = SIGNED

    def infer(self) -> ImagesPort:
        shape = (self.channels, self.height, self.width)
        return ImagesPort(shape, self.classes, self.count, self.held_out, values=self.value_range)

    def build(self, building: Building) -> "RealImages":
        from pipeline.data.device_placement import place
        from pipeline.training.parts import RealImages

        sets: GivenImageSets = self.given(building)
        train = place(sets.pixels, sets.labels, building.device)
        held_out = place(sets.held_out_pixels, sets.held_out_labels, building.device)
        return RealImages(building.node_id, train, held_out, self.classes)


class GivenNetwork(GivenNode, ModuleNode):
    """Base class of nodes that stand for a torch.nn.Module made in Python."""

    weights: Annotated[int, Field(ge=0, le=MOST, description="Number of trainable parameters.")] = 0
    layers: Annotated[
        str, Field(max_length=64, description="Fingerprint of its layers, to tell different modules apart.")
    ] = ""

    @abstractmethod
    def fitted(self, module: Any, image_shape: ImageShape, **wires: Any) -> "AdaptedNetwork":
        """The module, adapted to how training calls it. image_shape: shape of the real images. wires: ports by name.

        Tries the module on a batch, without changing it. Raises UnfitModule.
        """

    def module(self, port: Any) -> "nn.Module":
        """Raises MadeInPython: only the process that has the module can build it."""
        raise MadeInPython(self.title, self.category, self.made)

    def built(self, building: Building) -> Any:
        """A copy of the network for `build`; the original keeps its device and weights."""
        from copy import deepcopy

        return deepcopy(self.given(building)).to(building.device)


class MakingImages(GivenNetwork):
    """Base class of nodes for networks that make images."""

    channels: Annotated[int, Field(ge=1, le=4096, description="Channels of the images it makes.")] = 1
    height: SideField = 28
    width: SideField = 28

    @property
    def image_shape(self) -> ImageShape:
        """(channels, height, width) of the images it makes."""
        return self.channels, self.height, self.width


class GivenGenerator(MakingImages):
    """A generator passed in from Python. Only the Python process that made it can train it."""

    title: ClassVar[str] = "Generator from Python"
    category: ClassVar[Category] = "generator"
    outputs: ClassVar[tuple[type[Port], ...]] = (GeneratorPort,)

    noise: NoiseWire
    classes: ClassesField = 0

    def infer(self, noise: NoisePort) -> GeneratorPort:
        require_classes(self.classes)
        return GeneratorPort(None, self.image_shape, noise.dim, self.classes)

    def fitted(self, module: Any, image_shape: ImageShape, **wires: Any) -> "AdaptedNetwork":
        from pipeline.models.python_modules import adapt_generator

        return adapt_generator(self.category, module, wires["noise"].dim + self.classes, image_shape)

    def example(self, port: GeneratorPort) -> "Tensor":
        import torch

        return torch.zeros(2, port.latent_dim + port.classes)

    def build(self, building: Building, noise: "NoisePart") -> "GeneratorPart":
        from pipeline.families.adversarial.parts import GeneratorPart

        return GeneratorPart(building.node_id, self.built(building), noise, self.classes)


class GivenDiscriminator(GivenNetwork):
    """A discriminator passed in from Python. Only the Python process that made it can train it."""

    title: ClassVar[str] = "Scorer from Python"
    category: ClassVar[Category] = "discriminator"
    outputs: ClassVar[tuple[type[Port], ...]] = (DiscriminatorPort,)

    images: ImagesWire
    conditional: ConditionalField = False

    def infer(self, images: ImagesPort) -> DiscriminatorPort:
        return DiscriminatorPort(None, images.shape, images, label_classes(images, self.conditional))

    def fitted(self, module: Any, image_shape: ImageShape, **wires: Any) -> "AdaptedNetwork":
        from pipeline.models.python_modules import adapt_scorer

        return adapt_scorer(self.category, module, image_shape, self.conditional)

    def example(self, port: DiscriminatorPort) -> "tuple[Tensor, ...]":
        import torch

        labels = (torch.zeros(2, dtype=torch.int64),) if port.classes else ()
        return torch.zeros(2, *port.image_shape), *labels

    def build(self, building: Building, images: "RealImages") -> "DiscriminatorPart":
        from pipeline.families.adversarial.parts import DiscriminatorPart

        classes = images.classes if self.conditional else 0
        return DiscriminatorPart(building.node_id, self.built(building), images, classes)


class GivenEncoder(GivenNetwork):
    """An encoder passed in from Python. Only the Python process that made it can train it."""

    title: ClassVar[str] = "Encoder from Python"
    category: ClassVar[Category] = "encoder"
    outputs: ClassVar[tuple[type[Port], ...]] = (EncoderPort,)

    images: Annotated[Link, ImagesPort, Field(description="The real images to encode.")]
    prior: Annotated[
        Link, NoisePort, Field(description="The noise that feeds the decoder; it sets the number of code dimensions.")
    ]
    code: Annotated[
        Literal["point", "distribution"],
        Field(description="point: one number per code dimension. distribution: mean and log-variance per dimension."),
    ] = "point"

    def infer(self, images: ImagesPort, prior: NoisePort) -> EncoderPort:
        return EncoderPort(None, images.shape, images, prior.dim, self.code == "distribution")

    def fitted(self, module: Any, image_shape: ImageShape, **wires: Any) -> "AdaptedNetwork":
        from pipeline.models.python_modules import adapt_encoder

        numbers = 2 if self.code == "distribution" else 1
        return adapt_encoder(self.category, module, image_shape, numbers, wires["prior"].dim)

    def example(self, port: EncoderPort) -> "Tensor":
        import torch

        return torch.zeros(2, *port.image_shape)

    def build(self, building: Building, images: "RealImages", prior: "NoisePart") -> "EncoderPart":
        from pipeline.families.autoencoder.coding import EncoderPart

        return EncoderPart(building.node_id, self.built(building), images, prior)


class GivenDecoder(MakingImages):
    """A decoder passed in from Python. Only the Python process that made it can train it."""

    title: ClassVar[str] = "Decoder from Python"
    category: ClassVar[Category] = "decoder"
    outputs: ClassVar[tuple[type[Port], ...]] = (DecoderPort,)

    latents: Annotated[
        Link,
        NoisePort,
        Field(description="The noise that sets the number of code dimensions. Connect the encoder's prior to it too."),
    ]

    def infer(self, latents: NoisePort) -> DecoderPort:
        return DecoderPort(None, self.image_shape, latents.dim)

    def fitted(self, module: Any, image_shape: ImageShape, **wires: Any) -> "AdaptedNetwork":
        from pipeline.models.python_modules import adapt_decoder

        return adapt_decoder(self.category, module, wires["latents"].dim, image_shape)

    def example(self, port: DecoderPort) -> "Tensor":
        import torch

        return torch.zeros(2, port.latent_dim)

    def build(self, building: Building, latents: "NoisePart") -> "DecoderPart":
        from pipeline.families.autoencoder.coding import DecoderPart

        return DecoderPart(building.node_id, self.built(building), latents)
