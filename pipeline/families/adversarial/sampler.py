"""Sample images from a GAN: one forward pass of the generator."""

from collections.abc import Iterator

import torch
from torch import Tensor

from pipeline.families.adversarial.family import GENERATOR
from pipeline.families.adversarial.parts import GeneratorPart
from pipeline.training.condition import ClassCondition, Condition
from pipeline.training.inference import Networks
from pipeline.training.sampler import Latents, Sampler
from pipeline.training.settings import Settings
from pipeline.training.streams import Streams


class GeneratorSampler(Sampler):
    """Latents are noise (N, dim), followed by a one-hot class vector if conditional: (N, dim + classes)."""

    roles = (GENERATOR,)

    def __init__(self, generator: GeneratorPart, settings: Settings) -> None:
        super().__init__(settings)
        self._generator = generator

    def begin(self, streams: Streams, condition: Condition) -> Latents:
        """Without a class condition, the classes cycle: the class of an image depends only on its number."""
        generator = self._generator
        noise = streams.normal((generator.latents.dim,))
        if not generator.classes:
            return Latents(noise, streams)
        numbers = torch.tensor(streams.numbers, device=self.device)
        label = condition.label if isinstance(condition, ClassCondition) else None
        labels = numbers % generator.classes if label is None else torch.full_like(numbers, label)
        return Latents(generator.latents_of(noise, labels), streams, labels)

    def between(self, values: Tensor, shares: Tensor) -> Tensor:
        """Only noise is interpolated; the class is that of the first."""
        dim = self._generator.latents.dim
        noise = super().between(values[:, :dim], shares)
        return torch.cat([noise, values[:1, dim:].expand(len(noise), -1)], dim=1)

    def steps(self, networks: Networks, latents: Latents) -> Iterator[Tensor]:
        yield networks[GENERATOR](latents.values)
