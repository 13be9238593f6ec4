"""What the nodes of the adversarial family build."""

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
    """A network from latents (B, dim) to images (B, C, H, W).

    classes: number of classes of a conditional generator, whose latents are (B, dim + classes): noise followed by a
    one-hot class vector; 0 if unconditional.
    """

    node: str
    network: nn.Module
    latents: NoisePart
    classes: int = 0

    def latents_of(self, noise: Tensor, labels: Tensor | None = None) -> Tensor:
        """The network's input, from noise (B, dim) and the class of each image (B,) int64.

        Without labels, the classes cycle: 0, 1, 2, …, then 0 again.
        """
        if not self.classes:
            return noise
        if labels is None:
            labels = torch.arange(len(noise), device=noise.device) % self.classes
        return with_class(noise, labels, self.classes)


def with_class(noise: Tensor, labels: Tensor, classes: int) -> Tensor:
    """Noise (B, dim) followed by the one-hot vectors of these labels (B,) int64: (B, dim + classes)."""
    return torch.cat([noise, one_hot(labels, classes).to(noise.dtype)], dim=1)


@dataclass(frozen=True)
class DiscriminatorPart:
    """A network from images (B, C, H, W) to logits or critic scores (B,), with the real images it sees.

    classes: number of classes of a conditional discriminator, which is called with (images, labels (B,) int64); 0 if
    unconditional.
    """

    node: str
    network: nn.Module
    images: RealImages
    classes: int = 0


@dataclass(frozen=True)
class PenaltyTerm:
    """A penalty on the gradient of the discriminator's scores with respect to its input, the images after all views.

    metric: its name in charts. weight: key of its live weight. slope: name in charts of the mean gradient norm that it
    measured, "" if that is not recorded. formula: the penalty in LaTeX.
    """

    node: str
    metric: str
    penalty: Penalty
    weight: str
    slope: str = ""
    formula: str = ""


@dataclass(frozen=True)
class WeightTerm:
    """A penalty on the weights of the network of this role. metric, weight, formula: see PenaltyTerm."""

    node: str
    role: str
    metric: str
    penalty: Callable[[nn.Module], Tensor]
    weight: str
    formula: str = ""


@dataclass(frozen=True)
class DiscriminatorView:
    """A transformation of all images, real and generated alike, before the discriminator sees them.

    stage: name of the stage. apply: (images (B, C, H, W), state) -> images of the same shape, differentiable with
    respect to its input.
    """

    node: str
    stage: str
    apply: Callable[[Tensor, TrainState], Tensor]


@dataclass(frozen=True)
class ObjectivePart:
    """The objective of both networks: a loss, and what stacked nodes have added to it."""

    node: str
    loss: AdversarialLoss
    generator: GeneratorPart
    discriminator: DiscriminatorPart
    penalties: tuple[PenaltyTerm, ...] = ()
    weight_terms: tuple[WeightTerm, ...] = ()
    views: tuple[DiscriminatorView, ...] = ()
    smoothing: str = ""
    """Key of the live share of label smoothing, "" for none."""
    after_discriminator: tuple[Operation, ...] = ()
    """Operations at the end of each discriminator update."""
    numbers: Mapping[str, float] = field(default_factory=dict)
    """Initial values of the numbers that these operations store in the state."""
