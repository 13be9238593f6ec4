"""What is known of each wire before anything is built: shapes, counts, layers. The currency of `infer`."""

from dataclasses import dataclass, replace
from typing import ClassVar, Literal

from pipeline.data.fitting import Fit
from pipeline.families.family import Family
from pipeline.families.words import ScoreScale
from pipeline.graph.node import Misfit, Port
from pipeline.models.plan import Plan
from pipeline.runs.series import Series, names_of
from pipeline.training.condition import Classes, ConditionKind
from pipeline.training.schedule import Schedule

GridKind = Literal["samples", "reconstructions"]
ImageShape = tuple[int, int, int]
"""(channels, height, width)."""


@dataclass(frozen=True)
class ImagesPort(Port):
    """Real images: `count` to learn from and `held_out` that training never sees, of `classes` kinds.

    classes: 0 where the images carry no labels, 1 where all have the same one; a network that is told classes needs 2.
    count: some fewer where files turn out to be broken once they are read. class_names: of every class, in the order of
    the labels; () where they have none. fit: how images of other shapes became squares.
    """

    title: ClassVar[str] = "images"

    shape: ImageShape
    classes: int
    count: int
    held_out: int
    class_names: tuple[str, ...] = ()
    fit: Fit = "stretch"


@dataclass(frozen=True)
class NoisePort(Port):
    """Latent vectors of `dim` numbers."""

    title: ClassVar[str] = "noise"

    dim: int


@dataclass(frozen=True)
class NetworkPort(Port):
    """A network to train, and the images that it makes or sees. role: of its family.

    plan: its layers, None for a plain torch module, whose layers the engine reads off the module itself.
    """

    title: ClassVar[str] = "network"
    role: ClassVar[str]

    plan: Plan | None
    image_shape: ImageShape


@dataclass(frozen=True)
class GeneratorPort(NetworkPort):
    """A network from latent vectors (B, latent_dim + classes) to images (B, *image_shape).

    classes: 0 where it is not conditional; else so many numbers, a class vector, follow the noise in every latent.
    """

    title: ClassVar[str] = "generator"
    role: ClassVar[str] = "generator"

    latent_dim: int
    classes: int = 0


@dataclass(frozen=True)
class DiscriminatorPort(NetworkPort):
    """A network from images (B, *image_shape) to scores (B,), with the real images that it sees.

    classes: 0 where it is not conditional; else it scores an image as one of its class, of so many.
    """

    title: ClassVar[str] = "discriminator"
    role: ClassVar[str] = "discriminator"

    images: ImagesPort
    classes: int = 0


@dataclass(frozen=True)
class EncoderPort(NetworkPort):
    """A network from images (B, *image_shape) to codes of `latent_dim` dimensions, with the images that it learns from.

    distribution: whether it gives mean and log-variance of each dimension, or one number.
    """

    title: ClassVar[str] = "encoder"
    role: ClassVar[str] = "encoder"

    images: ImagesPort
    latent_dim: int
    distribution: bool = False


@dataclass(frozen=True)
class DecoderPort(NetworkPort):
    """A network from codes (B, latent_dim) to images (B, *image_shape)."""

    title: ClassVar[str] = "decoder"
    role: ClassVar[str] = "decoder"

    latent_dim: int


@dataclass(frozen=True)
class CodingObjectivePort(Port):
    """What an encoder and a decoder that fit each other are trained for.

    has_prior: whether codes are held to the standard normal distribution, so that what is drawn from it can be decoded.
    """

    title: ClassVar[str] = "autoencoder objective"

    encoder: EncoderPort
    decoder: DecoderPort
    has_prior: bool = False


@dataclass(frozen=True)
class ObjectivePort(Port):
    """The game between two networks that fit each other.

    scores: what D_real and D_fake show, the probability of "real" or a critic's score without a unit. apart: whether
    its loss judges a real image whatever the generated ones are, as label smoothing needs it. smoothed: whether it has
    that. series: what is stacked on it records.
    """

    title: ClassVar[str] = "objective"

    generator: GeneratorPort
    discriminator: DiscriminatorPort
    scores: ScoreScale = "critic"
    apart: bool = False
    smoothed: bool = False
    series: tuple[Series, ...] = ()

    def recording(self, *series: Series) -> "ObjectivePort":
        """The same game, of which these series are recorded too. Raises Misfit where one of them already is."""
        for name in names_of(series):
            if name in names_of(self.series):
                raise Misfit(f"The objective it is stacked on records {name} already: take one of the two away.")
        return replace(self, series=(*self.series, *series))


@dataclass(frozen=True)
class OptimizerPort(Port):
    """How the weights of `network` are moved; with a schedule, how its learning rate goes over the run."""

    title: ClassVar[str] = "optimizer"

    network: NetworkPort
    schedule: Schedule | None = None


@dataclass(frozen=True)
class TrainingPort(Port):
    """A training as it was asked for; `device` may still be "auto".

    sampled: the network that makes the images. series: what its updates record at every step, in chart order. checkup:
    what is measured with every sample grid. grid: what its sample grids show: images drawn at random, or held-out
    images encoded and decoded. scores: what scores of images are, None where nothing scores them. codes: whether
    images become codes. conditions: what its images can be asked to be.
    """

    title: ClassVar[str] = "training"

    family: Family
    images: ImagesPort
    sampled: NetworkPort
    batch_size: int
    total_steps: int
    seed: int
    device: str
    series: tuple[Series, ...]
    checkup: tuple[Series, ...]
    grid: GridKind = "samples"
    scores: ScoreScale | None = None
    codes: bool = False
    conditions: tuple[ConditionKind, ...] = ()

    @property
    def metrics(self) -> tuple[str, ...]:
        """Names of the series that its updates record."""
        return names_of(self.series)

    @property
    def asked(self) -> tuple[str, ...]:
        """Names of the classes that its images can be asked to be of, in the order of their labels; () for none."""
        return next((kind.names for kind in self.conditions if isinstance(kind, Classes)), ())


def size_words(shape: ImageShape) -> str:
    """An image shape as people say it: `1×28×28`."""
    return "×".join(str(side) for side in shape)
