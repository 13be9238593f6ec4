"""What is known of each wire before anything is built: shapes, counts, layers. The currency of `infer`."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from pipeline.graph.node import Port
from pipeline.models.plan import Plan

Role = Literal["generator", "discriminator"]
Scores = Literal["probability", "critic"]
ImageShape = tuple[int, int, int]
"""(channels, height, width)."""


@dataclass(frozen=True)
class Images(Port):
    """Real images: `count` to learn from and `held_out` that training never sees, of `classes` kinds."""

    title: ClassVar[str] = "images"

    shape: ImageShape
    classes: int
    count: int
    held_out: int


@dataclass(frozen=True)
class Noise(Port):
    """Latent vectors of `dim` numbers."""

    title: ClassVar[str] = "noise"

    dim: int


@dataclass(frozen=True)
class Network(Port):
    """A network to train, and the images that it makes or sees."""

    title: ClassVar[str] = "network"
    role: ClassVar[Role]

    plan: Plan
    image_shape: ImageShape


@dataclass(frozen=True)
class Generator(Network):
    """A network from latent vectors (B, latent_dim + classes) to images (B, *image_shape).

    classes: 0 where it is not conditional; else so many numbers, a class vector, follow the noise in every latent.
    """

    title: ClassVar[str] = "generator"
    role: ClassVar[Role] = "generator"

    latent_dim: int
    classes: int = 0


@dataclass(frozen=True)
class Discriminator(Network):
    """A network from images (B, *image_shape) to scores (B,), with the real images that it sees.

    classes: 0 where it is not conditional; else it scores an image as one of its class, of so many.
    """

    title: ClassVar[str] = "discriminator"
    role: ClassVar[Role] = "discriminator"

    images: Images
    classes: int = 0


@dataclass(frozen=True)
class Objective(Port):
    """The game between two networks that fit each other.

    scores: what D_real and D_fake show, the probability of "real" or a critic's score without a unit. metrics: names of
    the series that its penalties record.
    """

    title: ClassVar[str] = "objective"

    generator: Generator
    discriminator: Discriminator
    scores: Scores = "critic"
    metrics: tuple[str, ...] = ()


@dataclass(frozen=True)
class Optimizer(Port):
    """How the weights of `network` are moved."""

    title: ClassVar[str] = "optimizer"

    network: Network


@dataclass(frozen=True)
class Training(Port):
    """A training as it was asked for; `device` may still be "auto". metrics: names of the series that it records."""

    title: ClassVar[str] = "training"

    images: Images
    batch_size: int
    total_steps: int
    seed: int
    device: str
    metrics: tuple[str, ...]


def size_words(shape: ImageShape) -> str:
    """An image shape as people say it: `1×28×28`."""
    return "×".join(str(side) for side in shape)
