"""The held-out loss of a denoiser by band of times.

The loss of a batch is too noisy to read: it depends mostly on which times were drawn. Here images, noise and times are
the same at every measurement.
"""

from collections.abc import Mapping
from math import nan

import torch
from torch import Tensor, nn

from pipeline.data.images import to_signed
from pipeline.families.diffusion.family import BANDS, DENOISER
from pipeline.families.diffusion.latents import Latents
from pipeline.families.diffusion.parts import DenoisingPart
from pipeline.objectives.denoising import errors
from pipeline.training.checkup import Checkup

TIMES = 4
"""Times in each band, evenly spread."""
SEED = 20_06


class DenoisingCheckup(Checkup):
    """Measures the unweighted mean squared error of the prediction for held-out images, by band of t; NaN without any.

    Every image is noised to one time of each band, with the same noise at each measurement. Latents are measured in
    place of the images if the denoiser learns those; NaN before there are any.
    """

    def __init__(self, objective: DenoisingPart, latents: Latents | None) -> None:
        super().__init__(objective.denoiser.images)
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
            return {series.name: samples.new_tensor(nan) for series in BANDS}
        random = torch.Generator().manual_seed(SEED)
        noise = torch.randn(clean.shape, generator=random).to(clean.device)
        found = {}
        for band, series in enumerate(BANDS):
            places = torch.arange(len(clean), device=clean.device) % TIMES
            times = (band + (places + 0.5) / TIMES) / len(BANDS)
            found[series.name] = self._loss(networks[DENOISER], clean, noise, times, known).mean()
        return found

    def _loss(self, network: nn.Module, clean: Tensor, noise: Tensor, times: Tensor, labels: Tensor) -> Tensor:
        objective = self._objective
        times = objective.noising.known(times)
        alpha, sigma = objective.levels(times)
        told = (labels.to(clean.device),) if objective.denoiser.classes else ()
        predicted = network(alpha * clean + sigma * noise, times, *told)
        return errors(predicted.float(), objective.prediction.target(clean, noise, alpha, sigma))
