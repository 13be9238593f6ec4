"""The loss of a denoising network: what it predicts, how much each time counts, and at which times it is trained.

A network f sees x_t = α x₀ + σ ε and t, and predicts a mixture a x₀ + b ε of image and noise:

    prediction    a     b      from
    velocity     −1     1      flow matching, where it is dx/dt
    noise         0     1      Ho et al. 2020 (arXiv 2006.11239)
    image         1     0
    v            −σ     α      Salimans & Ho 2022 (arXiv 2202.00512)

With x_t known, every prediction gives both x₀ and ε (`Prediction.estimates`), so that solvers and pages need to know
none of them. The loss of an image is w(t) ‖f(x_t, t) − (a x₀ + b ε)‖², the mean over its values.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from pipeline.objectives.noising import Estimates
from pipeline.ranks.drawing import normal, ranks_of

Times = Literal["uniform", "logit-normal"]
Weighting = Literal["uniform", "min-SNR"]
SMALLEST_TIME = 1e-5
"""Continuous times stay this far from 0 and 1, where the signal-to-noise ratio is infinite or 0."""


@dataclass(frozen=True, repr=False)
class Prediction:
    """What a network predicts. clean, noise: (α, σ) -> a and b. formula: the target in LaTeX.

    of_pure_noise: whether it says anything about the image where α is 0.
    """

    name: str
    clean: Callable[[Tensor, Tensor], Tensor]
    noise: Callable[[Tensor, Tensor], Tensor]
    formula: str
    of_pure_noise: bool = True

    def __repr__(self) -> str:
        return f"PREDICTIONS[{self.name!r}]"

    def target(self, clean: Tensor, noise: Tensor, alpha: Tensor, sigma: Tensor) -> Tensor:
        """a x₀ + b ε. alpha, sigma: of a shape that broadcasts with the images."""
        return self.clean(alpha, sigma) * clean + self.noise(alpha, sigma) * noise

    def estimates(self, noisy: Tensor, predicted: Tensor, alpha: Tensor, sigma: Tensor) -> Estimates:
        """x₀ and ε from x_t and the prediction: the solution of two linear equations."""
        a, b = self.clean(alpha, sigma), self.noise(alpha, sigma)
        size = self.determinant(alpha, sigma)
        return Estimates((b * noisy - sigma * predicted) / size, (alpha * predicted - a * noisy) / size)

    def determinant(self, alpha: Tensor, sigma: Tensor) -> Tensor:
        """α b − σ a. An error e of the prediction is an error −σ e / (α b − σ a) of the estimate of x₀."""
        return alpha * self.noise(alpha, sigma) - sigma * self.clean(alpha, sigma)


def _none(alpha: Tensor, sigma: Tensor) -> Tensor:
    return torch.zeros_like(alpha)


def _all(alpha: Tensor, sigma: Tensor) -> Tensor:
    return torch.ones_like(alpha)


VELOCITY = Prediction("velocity", lambda alpha, sigma: -torch.ones_like(alpha), _all, r"\varepsilon - x_0")
NOISE = Prediction("noise", _none, _all, r"\varepsilon", of_pure_noise=False)
IMAGE = Prediction("image", _all, _none, "x_0")
V = Prediction("v", lambda alpha, sigma: -sigma, lambda alpha, sigma: alpha, r"\alpha_t \varepsilon - \sigma_t x_0")
PREDICTIONS = {each.name: each for each in (VELOCITY, NOISE, IMAGE, V)}
"""By name, the value of the node's parameter."""


def errors(predicted: Tensor, target: Tensor) -> Tensor:
    """The mean squared error of each image: (B, …) twice -> (B,)."""
    return (predicted - target).square().flatten(1).mean(1)


def min_snr_weights(prediction: Prediction, alpha: Tensor, sigma: Tensor, bound: float = 5.0) -> Tensor:
    """The weights of Min-SNR-γ, Hang et al. 2023 (arXiv 2303.09556): min(SNR, γ) for an error of x₀.

    Turned into weights for errors of this prediction: min(SNR, γ)/SNR for noise, min(SNR, γ)/(SNR + 1) for v. alpha,
    sigma: (B,). bound: γ; the paper uses 5.
    """
    # min(α²/σ², γ) σ² / d², without a division by σ.
    return torch.minimum(alpha.square(), bound * sigma.square()) / prediction.determinant(alpha, sigma).square()


def draw_times(
    distribution: Times,
    count: int,
    random: torch.Generator,
    device: torch.device,
    mean: float = 0.0,
    width: float = 1.0,
) -> Tensor:
    """Times of this process's share of a batch: (count,) float32 in (0, 1).

    uniform: one in each of as many equal parts as the batch has images, with a common random start, so that the loss
    varies less than with independent times; Kingma et al. 2021 (arXiv 2107.00630), appendix I.1. logit-normal: the
    sigmoid of N(mean, width²), most often in the middle; Esser et al. 2024 (arXiv 2403.03206).
    """
    if distribution == "uniform":
        ranks, whole = ranks_of(random), count * ranks_of(random).count
        start = torch.rand((), generator=random, device=device)
        times = ranks.share((start + torch.arange(whole, device=device) / whole) % 1)
    else:
        times = torch.sigmoid(mean + width * normal((count,), random, device))
    return times.clamp(SMALLEST_TIME, 1 - SMALLEST_TIME)
