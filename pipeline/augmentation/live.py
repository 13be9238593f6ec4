"""An augmentation whose strengths can change during a run."""

from collections.abc import Mapping
from dataclasses import dataclass, fields

import torch
from torch import Tensor

from pipeline.augmentation.augmentation import Augmentation

OPERATIONS = tuple(field.name for field in fields(Augmentation))


def at_strengths(node: str, live: Mapping[str, float]) -> Augmentation:
    """The augmentation with the strengths in the live values: "node.rotate", "node.scale", …."""
    return Augmentation(**{name: live[f"{node}.{name}"] for name in OPERATIONS})


@dataclass(frozen=True)
class LiveAugmentation:
    """An augmentation of real images whose strengths are live values: "node.rotate", "node.scale", …, and
    "node.probability".

    before: an augmentation that is applied to the images first.
    """

    node: str
    before: "LiveAugmentation | None" = None

    @property
    def in_order(self) -> "tuple[LiveAugmentation, ...]":
        """All augmentations, in the order in which they are applied."""
        return (*(self.before.in_order if self.before else ()), self)

    def __call__(self, images: Tensor, random: torch.Generator, live: Mapping[str, float]) -> Tensor:
        """images (B, C, H, W) in [-1, 1] after all augmentations of `in_order`, in the same range."""
        for augmentation in self.in_order:
            images = augmentation.alone(images, random, live)
        return images

    def alone(self, images: Tensor, random: torch.Generator, live: Mapping[str, float]) -> Tensor:
        """The images after this augmentation only, clamped: a network that ends in tanh cannot make values out of
        range."""
        return at_strengths(self.node, live).apply(images, random, live[f"{self.node}.probability"]).clamp(-1, 1)
