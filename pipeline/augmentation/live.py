"""An augmentation whose strengths may change while a run goes on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields

import torch
from torch import Tensor

from pipeline.augmentation.augmentation import Augmentation

Augment = Callable[[Tensor, torch.Generator, Mapping[str, float]], Tensor]
"""(images (B, C, H, W) in [-1, 1], random numbers, live values by "node.parameter") -> the same shape and range."""

OPERATIONS = tuple(field.name for field in fields(Augmentation))


def at_strengths(node: str, live: Mapping[str, float]) -> Augmentation:
    """The augmentation whose strengths are the live values "node.rotate" and so on."""
    return Augmentation(**{name: live[f"{node}.{name}"] for name in OPERATIONS})


@dataclass(frozen=True)
class LiveAugmentation:
    """An augmentation of real images by the live values "node.rotate" and so on, and "node.probability".

    before: an augmentation that the images go through first.
    """

    node: str
    before: Augment | None = None

    def __call__(self, images: Tensor, generator: torch.Generator, live: Mapping[str, float]) -> Tensor:
        """The images augmented and clamped: a generator that ends in tanh can make no others."""
        if self.before is not None:
            images = self.before(images, generator, live)
        return at_strengths(self.node, live).apply(images, generator, live[f"{self.node}.probability"]).clamp(-1, 1)
