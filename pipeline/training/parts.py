"""The finished parts that nodes build and that an Experiment is made of. Each knows the id of its node.

A wire's port (torch-free, `pipeline/nodes/ports.py`) says what will be there; the part of the same name here is it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from pipeline.data.images import ImageSet
from pipeline.models.plan import Plan
from pipeline.objectives.signature import AdversarialLoss, Penalty


@dataclass(frozen=True)
class RealImages:
    """Images to learn from, and images kept aside that training never sees."""

    node: str
    train: ImageSet
    held_out: ImageSet


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
    """A network from latents (B, dim + classes) to images (B, C, H, W) in [-1, 1].

    classes: 0 where it is not conditional; else noise (B, dim) is followed by a class vector (B, classes), one-hot or
    a mixture of classes.
    """

    node: str
    network: nn.Module
    plan: Plan
    latents: Latents
    classes: int = 0


@dataclass(frozen=True)
class DiscriminatorPart:
    """A network from images (B, C, H, W) in [-1, 1] to logits or critic scores (B,), with the real images it sees.

    classes: 0 where it is not conditional; else it is called `network(images, labels)` with labels (B,) int64 below it.
    """

    node: str
    network: nn.Module
    plan: Plan
    images: RealImages
    classes: int = 0


@dataclass(frozen=True)
class PenaltyTerm:
    """A penalty on the discriminator.

    metric: its name in charts. weight: key of its live weight. slope: name in charts of the mean slope of the scores
    that it found, "" where that is not recorded. formula: the penalty in LaTeX.
    """

    metric: str
    penalty: Penalty
    weight: str
    slope: str = ""
    formula: str = ""


@dataclass(frozen=True)
class ObjectivePart:
    """What the two networks are trained for."""

    node: str
    loss: AdversarialLoss
    generator: GeneratorPart
    discriminator: DiscriminatorPart
    penalties: tuple[PenaltyTerm, ...] = ()


@dataclass(frozen=True)
class OptimizerPart:
    """How one network is updated.

    make: builds the torch optimizer for these parameters.
    live: the optimizer's own option -> key of the live value that sets it, or a key for each member of an option that
    is a tuple: {"lr": "node.learning_rate", "betas": ("node.beta1", "node.beta2")}.
    """

    node: str
    make: Callable[[list[nn.Parameter]], torch.optim.Optimizer]
    live: Mapping[str, str | tuple[str, ...]]

    def apply_live(self, optimizer: torch.optim.Optimizer, values: Mapping[str, float]) -> None:
        """Set the options of `optimizer` to these live values, by key."""
        for option, key in self.live.items():
            value = values[key] if isinstance(key, str) else tuple(values[member] for member in key)
            for group in optimizer.param_groups:
                group[option] = value


@dataclass(frozen=True)
class SamplesPart:
    """The grid of generated images drawn from fixed noise: `count` images from `seed`, every `every` steps."""

    node: str
    count: int
    every: int
    seed: int
