"""The finished parts that nodes build and that an Experiment is made of. Each knows the id of its node.

A wire's port (torch-free, `pipeline/nodes/ports.py`) says what will be there; the part of the same name here is it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.nn.functional import one_hot

from pipeline.augmentation.live import LiveAugmentation
from pipeline.data.fitting import Fit
from pipeline.data.images import ImageSet
from pipeline.models.plan import Plan
from pipeline.objectives.signature import AdversarialLoss, Penalty
from pipeline.training.schedule import Schedule
from pipeline.training.stages import Operation

if TYPE_CHECKING:
    from pipeline.training.state import TrainState


@dataclass(frozen=True)
class RealImages:
    """Images to learn from, and images kept aside that training never sees, of `classes` kinds.

    augment: what is done at random to images to learn from as they are drawn, and never to the held-out ones. fit: how
    they were made square, where their sets know what size they had.
    """

    node: str
    train: ImageSet
    held_out: ImageSet
    classes: int = 0
    augment: LiveAugmentation | None = None
    fit: Fit = "stretch"

    @property
    def to_reconstruct(self) -> ImageSet:
        """Whose reconstructions are shown: the held-out images, or those to learn from where none are held out."""
        return self.held_out if self.held_out.count else self.train


@dataclass(frozen=True)
class Latents:
    """Where latent vectors come from: the standard normal distribution in `dim` dimensions."""

    node: str
    dim: int

    def draw(self, count: int, generator: torch.Generator, device: torch.device) -> Tensor:
        """(count, dim) float32, drawn from `generator`, which lives on `device`."""
        return torch.randn(count, self.dim, generator=generator, device=device)


@dataclass(frozen=True)
class GeneratorPart:
    """A network from latents (B, dim) to images (B, C, H, W) in [-1, 1].

    classes: how many kinds of image it can be asked for; 0 where it cannot be asked. Its latents are then
    (B, dim + classes): noise, and after it a 1 in the place of the class.
    """

    node: str
    network: nn.Module
    plan: Plan
    latents: Latents
    classes: int = 0

    def latents_of(self, noise: Tensor, labels: Tensor | None = None) -> Tensor:
        """Noise (B, dim) and the class of each image (B,) int64 as what the network takes.

        Without labels the classes come in turn: 0, 1, 2 and so on, and then 0 again.
        """
        if not self.classes:
            return noise
        if labels is None:
            labels = torch.arange(len(noise), device=noise.device) % self.classes
        return torch.cat([noise, one_hot(labels, self.classes).to(noise.dtype)], dim=1)


@dataclass(frozen=True)
class DiscriminatorPart:
    """A network from images (B, C, H, W) in [-1, 1] to logits or critic scores (B,), with the real images it sees.

    classes: how many kinds of image it tells apart; it is then called with (images, labels (B,) int64). 0 for none.
    """

    node: str
    network: nn.Module
    plan: Plan
    images: RealImages
    classes: int = 0


@dataclass(frozen=True)
class PenaltyTerm:
    """A penalty on the slope of the discriminator's scores, at the images as it sees them, after all views.

    metric: its name in charts. weight: key of its live weight. slope: name in charts of the mean slope of the scores
    that it found, "" where that is not recorded. formula: the penalty in LaTeX.
    """

    node: str
    metric: str
    penalty: Penalty
    weight: str
    slope: str = ""
    formula: str = ""


@dataclass(frozen=True)
class WeightTerm:
    """A penalty on the weights of one network, by its role. metric, weight, formula: as of a PenaltyTerm."""

    node: str
    role: str
    metric: str
    penalty: Callable[[nn.Module], Tensor]
    weight: str
    formula: str = ""


@dataclass(frozen=True)
class View:
    """What is done to all images, real and generated ones alike, before the discriminator sees them.

    stage: what the stage is called. apply: (images (B, C, H, W), state) -> as many of the same shape, differentiable by
    the images.
    """

    node: str
    stage: str
    apply: "Callable[[Tensor, TrainState], Tensor]"


@dataclass(frozen=True)
class ObjectivePart:
    """What the two networks are trained for: a loss, and what stacked nodes have added to it.

    smoothing: key of the live share of label smoothing, "" for none. after_discriminator: operations at the end of each
    of its updates. metrics: series that those make. numbers: initial values of the numbers that they keep.
    """

    node: str
    loss: AdversarialLoss
    generator: GeneratorPart
    discriminator: DiscriminatorPart
    penalties: tuple[PenaltyTerm, ...] = ()
    weight_terms: tuple[WeightTerm, ...] = ()
    views: tuple[View, ...] = ()
    smoothing: str = ""
    after_discriminator: tuple[Operation, ...] = ()
    metrics: tuple[str, ...] = ()
    numbers: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class OptimizerPart:
    """How one network is updated.

    make: builds the torch optimizer for these parameters.
    live: the optimizer's own option -> key of the live value that sets it, or a key for each member of an option that
    is a tuple: {"lr": "node.learning_rate", "betas": ("node.beta1", "node.beta2")}.
    clip_norm: key of the live value to whose L2 norm the network's gradient is clipped; "" for none, as its value 0.
    schedule: how the learning rate goes over the run; None where it stays at its live value.
    """

    node: str
    make: Callable[[list[nn.Parameter]], torch.optim.Optimizer]
    live: Mapping[str, str | tuple[str, ...]]
    clip_norm: str = ""
    schedule: Schedule | None = None

    def apply_live(self, optimizer: torch.optim.Optimizer, values: Mapping[str, float], factor: float = 1.0) -> None:
        """Set the options of `optimizer` to these live values, by key; the learning rate `factor` times its own."""
        options: dict[str, Any] = {
            option: values[key] if isinstance(key, str) else tuple(values[member] for member in key)
            for option, key in self.live.items()
        }
        if "lr" in options:
            options["lr"] *= factor
        for group in optimizer.param_groups:
            group.update(options)


@dataclass(frozen=True)
class SamplesPart:
    """The grid of generated images drawn from fixed noise: `count` images from `seed`, every `every` steps."""

    node: str
    count: int
    every: int
    seed: int
