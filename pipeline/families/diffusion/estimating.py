"""What a denoiser expects the image and the noise to be, clipped or guided as samples are."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from pipeline.families.diffusion.solvers import guided
from pipeline.objectives.denoising import Prediction
from pipeline.objectives.noising import Estimates, Noising


@dataclass(frozen=True)
class Process:
    """How images become noise, and what the network predicts of it."""

    noising: Noising
    prediction: Prediction

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
class Guidance:
    """How estimates of samples differ from those in training.

    classes: number of classes; 0 if unconditional. scale: how strongly the class guides; 1 as the network learned it.
    clip: whether estimates of images are clipped to the range of images; latents have none.
    """

    classes: int
    scale: float
    clip: bool


def denoise(
    network: nn.Module, process: Process, guidance: Guidance, noisy: Tensor, time: float, labels: Tensor | None
) -> Estimates:
    """x₀ and ε in noisy images (N, C, H, W), all at one time. labels: (N,) if conditional, otherwise None."""
    times = torch.full((len(noisy),), time, device=noisy.device)
    found = _guided(network, process, guidance, noisy, times, labels)
    return process.clipped(noisy, found, times) if guidance.clip else found


def _guided(
    network: nn.Module, process: Process, guidance: Guidance, noisy: Tensor, times: Tensor, labels: Tensor | None
) -> Estimates:
    if labels is None:
        return process.estimates(noisy, network(noisy, times), times)
    if guidance.scale == 1:
        return process.estimates(noisy, network(noisy, times, labels), times)
    # One pass for both, since two small ones take longer.
    free = torch.full_like(labels, guidance.classes)
    made = network(noisy.repeat(2, 1, 1, 1), times.repeat(2), torch.cat([labels, free]))
    told, free_ones = (process.estimates(noisy, half, times) for half in made.chunk(2))
    return guided(told, free_ones, guidance.scale)
