"""Sample images from a GAN: one forward pass of the generator."""

from collections.abc import Iterator

import torch
from torch import Tensor

from pipeline.families.adversarial.family import GENERATOR
from pipeline.families.adversarial.parts import GeneratorPart, with_class
from pipeline.training.condition import ClassCondition, Condition
from pipeline.training.inference import Networks
from pipeline.training.sampler import Latents, Sampler
from pipeline.training.settings import Settings
from pipeline.training.standalone import Standalone
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
        label = condition.label if isinstance(condition, ClassCondition) else None
        labels = streams.labels(generator.classes, label)
        return Latents(generator.latents_of(noise, labels), streams, labels)

    def between(self, values: Tensor, shares: Tensor) -> Tensor:
        """Only noise is interpolated; the class is that of the first."""
        dim = self._generator.latents.dim
        noise = super().between(values[:, :dim], shares)
        return torch.cat([noise, values[:1, dim:].expand(len(noise), -1)], dim=1)

    def steps(self, networks: Networks, latents: Latents) -> Iterator[Tensor]:
        yield networks[GENERATOR](latents.values)

    def standalone(self) -> Standalone:
        return Standalone(draw, {"dim": self._generator.latents.dim, "classes": self._generator.classes})


def draw(networks: Networks, streams: Streams, label: int | None, *, dim: int, classes: int) -> Tensor:
    """The images (N, C, H, W) of these streams, of the class `label` or of every class in turn.

    dim: dimensions of the noise. classes: 0 for a generator that is told no class.
    """
    latents = streams.normal((dim,))
    if classes:
        latents = with_class(latents, streams.labels(classes, label), classes)
    made: Tensor = networks[GENERATOR](latents)
    return made
