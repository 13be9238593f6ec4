"""What the nodes of the diffusion family build."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from pipeline.families.diffusion.estimating import Process
from pipeline.families.diffusion.latents import LatentsPart
from pipeline.families.diffusion.solvers import Solver
from pipeline.objectives.denoising import Prediction
from pipeline.objectives.noising import Noising
from pipeline.training.parts import RealImages


@dataclass(frozen=True)
class DenoiserPart:
    """A network from noisy images (B, C, H, W), times (B,) and, if conditional, labels (B,) to predictions of the shape
    of the images, with the images that it learns from.

    classes: number of classes; 0 if unconditional. Label `classes` means no class. latents: what it sees in place of
    the images; None for the images themselves.
    """

    node: str
    network: nn.Module
    images: RealImages
    classes: int = 0
    latents: LatentsPart | None = None

    @property
    def shape(self) -> tuple[int, int, int]:
        """(C, H, W) of what it removes noise from."""
        return self.latents.shape if self.latents else self.images.train.shape


@dataclass(frozen=True)
class DenoisingPart:
    """The objective of a denoiser.

    draw_times: (count, random numbers, device) -> times (count,). weights: (α (B,), σ (B,)) -> how much each image's
    error counts (B,). label_dropout: share of the images whose class the network is not told, so that it learns to do
    without. formula: the loss in LaTeX.
    """

    node: str
    denoiser: DenoiserPart
    noising: Noising
    prediction: Prediction
    draw_times: Callable[[int, torch.Generator, torch.device], Tensor]
    weights: Callable[[Tensor, Tensor], Tensor]
    label_dropout: float = 0.0
    formula: str = ""

    @property
    def process(self) -> Process:
        """How images become noise, and what the network predicts of it."""
        return Process(self.noising, self.prediction)


@dataclass(frozen=True)
class SamplingPart:
    """How images are made: by which solver, and how strongly the class guides (1: as the network learned it).

    clip: whether estimates of images are clipped to the range of images; latents have none.
    """

    solver: Solver
    guidance: float = 1.0
    clip: bool = True


def equal_weights(alpha: Tensor, sigma: Tensor) -> Tensor:
    """The weights of a loss in which all times count equally: ones (B,)."""
    return torch.ones_like(alpha)
