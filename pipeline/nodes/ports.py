"""The ports that `infer` takes and returns: what is known about each link before anything is built (shapes, counts,
layers)."""

from dataclasses import dataclass, field, replace
from typing import ClassVar

from pipeline.data.fitting import Fit
from pipeline.data.value_range import SIGNED, ValueRange
from pipeline.families.family import Family
from pipeline.families.sampling_options import SamplingOption
from pipeline.families.words import ScoreScale
from pipeline.graph.node import Misfit, Port
from pipeline.models.plan import End, Plan
from pipeline.nodes.ends import END_FOR, end_misfit
from pipeline.nodes.phases import GridKind, Phase
from pipeline.runs.series import Series, names_of
from pipeline.training.condition import Classes, ConditionKind
from pipeline.training.schedule import Schedule

ImageShape = tuple[int, int, int]
"""(channels, height, width)."""


@dataclass(frozen=True)
class TensorsPort(Port):
    """What a network can learn to make: images, or latents of images; a training set and a held-out set."""

    title: ClassVar[str] = "images or latents"

    shape: ImageShape
    classes: int
    """0 if the images are unlabelled, 1 if all have the same label; a conditional network needs at least 2."""
    count: int
    """Training images; a few fewer if files turn out to be broken when they are read."""
    held_out: int
    """Images that training never sees."""
    class_names: tuple[str, ...] = ()
    """The name of every class, in the order of the labels; () if they have none."""


@dataclass(frozen=True)
class ImagesPort(TensorsPort):
    """Real images."""

    title: ClassVar[str] = "images"

    fit: Fit = "stretch"
    """How non-square images were made square."""
    values: ValueRange = SIGNED
    """The range of pixel values in batches, and of what a generator has to make."""


@dataclass(frozen=True)
class NoisePort(Port):
    """Latent vectors of `dim` numbers."""

    title: ClassVar[str] = "noise"

    dim: int


@dataclass(frozen=True)
class NetworkPort(Port):
    """A network to train, with the shape of the images it makes or takes.

    role: one of its family's roles. plan: its layers; None for a plain torch module, whose layers the engine reads
    from the module itself. end: the function that bounds the images it makes, if it has no plan; None if unknown.
    """

    title: ClassVar[str] = "network"
    role: ClassVar[str]

    plan: Plan | None
    image_shape: ImageShape
    end: End | None = field(default=None, kw_only=True)

    def require_range(self, values: ValueRange, wire: str | None = None) -> None:
        """Raises Misfit, blamed on the other end of `wire`, if it is known that it cannot make images in this range."""
        if fault := end_misfit(self.plan.end if self.plan else self.end, values):
            field = "output" if self.plan and wire else None
            raise Misfit(f"{self.role.capitalize()} {fault}", wire=wire, field=field, value=END_FOR[values])


@dataclass(frozen=True)
class GeneratorPort(NetworkPort):
    """A network from latent vectors (B, latent_dim + classes) to images (B, *image_shape).

    classes: 0 if unconditional; otherwise a one-hot class vector of this length follows the noise in every latent.
    """

    title: ClassVar[str] = "generator"
    role: ClassVar[str] = "generator"

    latent_dim: int
    classes: int = 0


@dataclass(frozen=True)
class DiscriminatorPort(NetworkPort):
    """A network from images (B, *image_shape) to scores (B,), with the real images that it sees.

    classes: 0 if unconditional; otherwise the number of classes, and the score of an image depends on its class.
    """

    title: ClassVar[str] = "discriminator"
    role: ClassVar[str] = "discriminator"

    images: ImagesPort
    classes: int = 0


@dataclass(frozen=True)
class EncoderPort(NetworkPort):
    """A network from images (B, *image_shape) to codes of `latent_dim` dimensions, with the images that it learns from.

    distribution: whether it returns the mean and the log-variance of each dimension, instead of one number. code_shape:
    (channels, height, width) of a spatial code, which has `latent_dim` numbers; None if codes are vectors.
    """

    title: ClassVar[str] = "encoder"
    role: ClassVar[str] = "encoder"

    images: ImagesPort
    latent_dim: int
    distribution: bool = False
    code_shape: ImageShape | None = None


@dataclass(frozen=True)
class DecoderPort(NetworkPort):
    """A network from codes (B, latent_dim) to images (B, *image_shape)."""

    title: ClassVar[str] = "decoder"
    role: ClassVar[str] = "decoder"

    latent_dim: int


@dataclass(frozen=True)
class DenoiserPort(NetworkPort):
    """A network from noisy images or latents (B, *image_shape) and times (B,) to predictions of the same shape, with
    the images or latents that it learns.

    classes: 0 if unconditional; otherwise the number of classes, and it is also given labels, of which the last,
    `classes`, means none.
    """

    title: ClassVar[str] = "denoiser"
    role: ClassVar[str] = "denoiser"

    images: TensorsPort
    classes: int = 0


@dataclass(frozen=True)
class LatentsPort(TensorsPort):
    """What an autoencoder makes of images. autoencoder: its objective, with both networks. trained: whether it was
    trained by another run, and is not by this one."""

    title: ClassVar[str] = "latents"

    autoencoder: "CodingObjectivePort" = field(kw_only=True)
    trained: bool = field(default=False, kw_only=True)

    @property
    def images(self) -> ImagesPort:
        """The images that are encoded."""
        return self.autoencoder.encoder.images


@dataclass(frozen=True)
class DenoisingObjectivePort(Port):
    """The loss of a denoiser. most_steps: the largest number of steps in which images can be sampled; None for any."""

    title: ClassVar[str] = "denoising objective"

    denoiser: DenoiserPort
    most_steps: int | None = None


@dataclass(frozen=True)
class SamplingPort(Port):
    """How images are made from noise. guidance: how strongly a class guides; 1 for as the network has learned it."""

    title: ClassVar[str] = "sampling"

    steps: int
    guidance: float = 1.0
    solver: str = "heun"


@dataclass(frozen=True)
class CodingObjectivePort(Port):
    """The loss of a matching encoder and decoder.

    has_prior: whether a KL term pulls codes towards the standard normal distribution, so that samples from it can be
    decoded.
    """

    title: ClassVar[str] = "autoencoder objective"

    encoder: EncoderPort
    decoder: DecoderPort
    has_prior: bool = False


@dataclass(frozen=True)
class ObjectivePort(Port):
    """The adversarial loss of a matching generator and discriminator, with what is stacked on it.

    scores: whether D_real and D_fake show the probability of "real" or a critic's score, which has no unit. apart:
    whether the loss of a real image is independent of the generated ones, as label smoothing requires. smoothed:
    whether it has label smoothing. constrained: whether a node stacked on it bounds how fast scores change, such as a
    gradient penalty. series: what the nodes stacked on it record.
    """

    title: ClassVar[str] = "objective"

    generator: GeneratorPort
    discriminator: DiscriminatorPort
    scores: ScoreScale = "critic"
    apart: bool = False
    smoothed: bool = False
    constrained: bool = False
    series: tuple[Series, ...] = ()

    def recording(self, *series: Series) -> "ObjectivePort":
        """This objective with these series added. Raises Misfit if it already records one of them."""
        for name in names_of(series):
            if name in names_of(self.series):
                raise Misfit(f"The objective it is stacked on already records {name}: remove one of the two nodes.")
        return replace(self, series=(*self.series, *series))


@dataclass(frozen=True)
class OptimizerPort(Port):
    """The optimizer of `network`, and the schedule of its learning rate if it has one.

    numbers_per_weight: how many numbers it keeps for each weight, such as its moving averages.
    """

    title: ClassVar[str] = "optimizer"

    network: NetworkPort
    schedule: Schedule | None = None
    numbers_per_weight: int = 2


@dataclass(frozen=True)
class TrainingPort(Port):
    """A training as the workflow specifies it."""

    title: ClassVar[str] = "training"

    family: Family
    images: ImagesPort
    sampled: NetworkPort
    """The network that makes the images."""
    batch_size: int
    total_steps: int
    seed: int
    device: str
    """May still be "auto"."""
    series: tuple[Series, ...]
    """What its updates record at every step, in chart order."""
    checkup: tuple[Series, ...]
    """What is measured with every sample grid."""
    grid: GridKind = "samples"
    """What its sample grids show, if it has no phases."""
    phases: tuple[Phase, ...] = ()
    """The phases of the training, in order; () if every update is part of every step."""
    scores: ScoreScale | None = None
    """Scale of the scores of images; None if no network scores them."""
    codes: bool = False
    """Whether it has an encoder that turns images into codes."""
    conditions: tuple[ConditionKind, ...] = ()
    """The kinds of conditions that it supports for generated images, such as a class."""
    options: tuple[SamplingOption, ...] = ()
    """Settings of its sampler that may differ when images are drawn, with the run's own as defaults."""
    threads: int = 0
    """CPU threads; 0 for the number that the machine chooses."""
    processes: int = 1
    """Processes that train it together."""

    @property
    def metrics(self) -> tuple[str, ...]:
        """The names of the series that its updates record."""
        return names_of(self.series)

    @property
    def asked(self) -> tuple[str, ...]:
        """Names of the classes that a generated image can be conditioned on, in label order; () if there are none."""
        return next((kind.names for kind in self.conditions if isinstance(kind, Classes)), ())


def size_words(shape: ImageShape) -> str:
    """An image shape for messages, such as `1×28×28`."""
    return "×".join(str(side) for side in shape)
