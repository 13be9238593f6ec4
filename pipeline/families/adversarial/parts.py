"""The finished parts of an adversarial game."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn
from torch.nn.functional import one_hot

from pipeline.objectives.signature import AdversarialLoss, Penalty
from pipeline.training.parts import NoisePart, RealImages
from pipeline.training.stages import Operation
from pipeline.training.state import TrainState


@dataclass(frozen=True)
class GeneratorPart:
    """A network from latents (B, dim) to images (B, C, H, W) in [-1, 1].

    classes: how many kinds of image it can be asked for; 0 where it cannot be asked. Its latents are then
    (B, dim + classes): noise, and after it a 1 in the place of the class.
    """

    node: str
    network: nn.Module
    latents: NoisePart
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
class DiscriminatorView:
    """What is done to all images, real and generated ones alike, before the discriminator sees them.

    stage: what the stage is called. apply: (images (B, C, H, W), state) -> as many of the same shape, differentiable by
    the images.
    """

    node: str
    stage: str
    apply: Callable[[Tensor, TrainState], Tensor]


@dataclass(frozen=True)
class ObjectivePart:
    """What the two networks are trained for: a loss, and what stacked nodes have added to it.

    smoothing: key of the live share of label smoothing, "" for none. after_discriminator: operations at the end of each
    of its updates. numbers: initial values of the numbers that they keep.
    """

    node: str
    loss: AdversarialLoss
    generator: GeneratorPart
    discriminator: DiscriminatorPart
    penalties: tuple[PenaltyTerm, ...] = ()
    weight_terms: tuple[WeightTerm, ...] = ()
    views: tuple[DiscriminatorView, ...] = ()
    smoothing: str = ""
    after_discriminator: tuple[Operation, ...] = ()
    numbers: Mapping[str, float] = field(default_factory=dict)
