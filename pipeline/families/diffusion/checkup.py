"""The held-out loss of a denoiser by band of times, how much latents vary, and what guidance does.

The loss of a batch is too noisy to read: it depends mostly on which times were drawn. Here images, noise and times are
the same at every measurement.
"""

from collections.abc import Mapping
from math import nan

import torch
from torch import Tensor, nn

from pipeline.data.images import to_signed
from pipeline.families.diffusion.family import BANDS, DENOISER, DEVIATIONS, GUIDED
from pipeline.families.diffusion.latents import Latents
from pipeline.families.diffusion.parts import DenoisingPart
from pipeline.families.diffusion.solvers import guided
from pipeline.objectives.denoising import errors
from pipeline.objectives.noising import Estimates
from pipeline.training.checkup import Checkup

TIMES = 4
"""Times in each band, evenly spread."""
SEED = 20_06


class DenoisingCheckup(Checkup):
    """Measures the unweighted mean squared error of the prediction for held-out images, by band of t; NaN without any.

    Every image is noised to one time of each band, with the same noise at each measurement. Latents are measured in
    place of the images if the denoiser learns those; NaN before there are any. Then their deviations are measured too
    (`deviations_of`), and with a guidance other than 1 what it does at the times of the last band (`guided_deviation`).
    """

    def __init__(self, objective: DenoisingPart, latents: Latents | None, guidance: float) -> None:
        super().__init__(objective.denoiser.images)
        self._guidance = guidance if objective.denoiser.classes else 1.0
        self._objective = objective
        self._latents = latents

    def measure(
        self, networks: Mapping[str, nn.Module], samples: Tensor, labels: Tensor | None
    ) -> Mapping[str, Tensor]:
        images, known = self.held_out
        clean = to_signed(images, self._images.values)
        if self._latents is not None:
            clean = self._latents.held_out(len(images))
        if not len(clean):
            return {series.name: samples.new_tensor(nan) for series in (*BANDS, *DEVIATIONS, GUIDED)}
        random = torch.Generator().manual_seed(SEED)
        noise = torch.randn(clean.shape, generator=random).to(clean.device)
        found = {} if self._latents is None else deviations_of(clean)
        places = torch.arange(len(clean), device=clean.device) % TIMES
        for band, series in enumerate(BANDS):
            times = self._objective.noising.known((band + (places + 0.5) / TIMES) / len(BANDS))
            alpha, sigma = self._objective.process.levels(times)
            noisy = alpha * clean + sigma * noise
            predicted = self._predicted(networks[DENOISER], noisy, times, known)
            found[series.name] = errors(predicted, self._objective.prediction.target(clean, noise, alpha, sigma)).mean()
        if self._guidance != 1:
            # Where noise hides most, the class decides most.
            told = self._objective.process.estimates(noisy, predicted, times)
            found[GUIDED.name] = guided_deviation(self._guided(networks[DENOISER], noisy, times, told), clean)
        return found

    def _predicted(self, network: nn.Module, noisy: Tensor, times: Tensor, labels: Tensor) -> Tensor:
        told = (labels.to(noisy.device),) if self._objective.denoiser.classes else ()
        predicted: Tensor = network(noisy, times, *told).float()
        return predicted

    def _guided(self, network: nn.Module, noisy: Tensor, times: Tensor, told: Estimates) -> Tensor:
        """The estimates of the images, guided as samples are."""
        no_class = torch.full((len(noisy),), self._objective.denoiser.classes)
        free = self._objective.process.estimates(noisy, self._predicted(network, noisy, times, no_class), times)
        return guided(told, free, self._guidance).clean


def deviations_of(latents: Tensor) -> dict[str, Tensor]:
    """The standard deviation of latents (N, C, h, w): of all, and of the channels with the smallest and the largest."""
    channels = latents.std((0, 2, 3), correction=0)
    found = (latents.std(correction=0), channels.min(), channels.max())
    return dict(zip((each.name for each in DEVIATIONS), found, strict=True))


def guided_deviation(estimates: Tensor, images: Tensor) -> Tensor:
    """The root mean squared distance of estimates of images (N, C, H, W) from the mean image, relative to that of the
    images: 0-dimensional.

    At most 1 for the best estimates, which are means E[x₀ | x_t]: Var E[x₀ | x_t] ≤ Var x₀, the law of total variance.
    """
    mean = images.mean(0)
    return ((estimates - mean).square().mean() / (images - mean).square().mean()).sqrt()
