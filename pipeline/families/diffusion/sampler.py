"""Sample images from a denoiser: solve from noise to images, guided by the class."""

from collections.abc import Iterator
from itertools import count

import torch
from torch import Tensor

from pipeline.data.images import from_signed
from pipeline.families.autoencoder.family import DECODER
from pipeline.families.diffusion.family import DENOISER
from pipeline.families.diffusion.latents import decode_latents
from pipeline.families.diffusion.parts import DenoisingPart, SamplingPart
from pipeline.families.diffusion.solvers import guided
from pipeline.objectives.noising import Estimates
from pipeline.training.condition import ClassCondition, Condition
from pipeline.training.inference import Networks
from pipeline.training.sampler import Latents, Sampler
from pipeline.training.settings import Settings
from pipeline.training.streams import Streams


class DenoisingSampler(Sampler):
    """Latents are noise (N, C, H, W); steps yield the estimates of the images, the last one what the solver has made.

    Without a class condition, the classes cycle: the class of an image depends only on its number.
    """

    def __init__(self, objective: DenoisingPart, sampling: SamplingPart, settings: Settings) -> None:
        super().__init__(settings)
        self._objective = objective
        self._sampling = sampling
        self._shape = objective.denoiser.shape
        self._latents = objective.denoiser.latents
        self.roles = (DENOISER, DECODER) if self._latents else (DENOISER,)

    def begin(self, streams: Streams, condition: Condition) -> Latents:
        noise, classes = streams.normal(self._shape), self._objective.denoiser.classes
        if not classes:
            return Latents(noise, streams)
        numbers = torch.tensor(streams.numbers, device=self.device)
        label = condition.label if isinstance(condition, ClassCondition) else None
        return Latents(noise, streams, numbers % classes if label is None else torch.full_like(numbers, label))

    def steps(self, networks: Networks, latents: Latents) -> Iterator[Tensor]:
        draws = count(1)
        passes = self._sampling.solver.run(
            self._objective.noising,
            lambda noisy, time: self._denoise(networks, noisy, time, latents.labels),
            latents.values,
            lambda: latents.streams.normal(self._shape, next(draws)),
        )
        made = None
        for passed in passes:
            if made is not None:
                yield self._as_images(networks, made.clean)
            made = passed
        assert made is not None
        yield self._as_images(networks, made.noisy)

    def _denoise(self, networks: Networks, noisy: Tensor, time: float, labels: Tensor | None) -> Estimates:
        times = torch.full((len(noisy),), time, device=noisy.device)
        network, objective = networks[DENOISER], self._objective
        if labels is None:
            return objective.estimates(noisy, network(noisy, times), times)
        if self._sampling.guidance == 1:
            return objective.estimates(noisy, network(noisy, times, labels), times)
        # One pass for both, since two small ones take longer.
        free = torch.full_like(labels, objective.denoiser.classes)
        made = network(noisy.repeat(2, 1, 1, 1), times.repeat(2), torch.cat([labels, free]))
        told, free_ones = (objective.estimates(noisy, half, times) for half in made.chunk(2))
        return guided(told, free_ones, self._sampling.guidance)

    def _as_images(self, networks: Networks, made: Tensor) -> Tensor:
        if self._latents:
            return decode_latents(networks, made, self._latents.images)
        return from_signed(made.clamp(-1, 1), self.value_range)
