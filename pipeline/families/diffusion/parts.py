"""What the nodes of the diffusion family build."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from pipeline.families.diffusion.latents import LatentsPart
from pipeline.families.diffusion.solvers import Solver
from pipeline.objectives.denoising import Prediction
from pipeline.objectives.noising import Estimates, Noising
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

    def levels(self, times: Tensor) -> tuple[Tensor, Tensor]:
        """α and σ at times (B,), each (B, 1, 1, 1) so that it scales images."""
        return self.noising.signal(times)[:, None, None, None], self.noising.noise(times)[:, None, None, None]

    def estimates(self, noisy: Tensor, predicted: Tensor, times: Tensor) -> Estimates:
        """x₀ and ε as the predictions (B, C, H, W) for noisy images at times (B,) have them."""
        return self.prediction.estimates(noisy, predicted, *self.levels(times))

    def clipped(self, noisy: Tensor, estimates: Estimates, times: Tensor) -> Estimates:
        """The estimates with x₀ clipped to [−1, 1], and the ε that then explains x_t, (x_t − α x₀) / σ.

        Ho et al. 2020 sample so (`clip_denoised` in their code). Where hardly any of the image is left, a small error
        of predicted noise is a huge one of x₀ = (x_t − σ ε) / α, which no later step makes good.
        """
        alpha, sigma = self.levels(times)
        clean = estimates.clean.clamp(-1, 1)
        return Estimates(clean, (noisy - alpha * clean) / sigma)


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
