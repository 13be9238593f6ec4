"""The finished parts that nodes of every family build. Each knows the id of its node.

A wire's port (torch-free, `pipeline/nodes/ports.py`) says what will be there; the part of the same name is it. Parts
that only one family has lie in its folder.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from pipeline.augmentation.live import LiveAugmentation
from pipeline.data.fitting import Fit
from pipeline.data.images import ImageSet


@dataclass(frozen=True)
class RealImages:
    """Images to learn from, and images kept aside that training never sees, of `classes` kinds.

    augment: what is done at random to images to learn from as they are drawn, and never to the held-out ones. fit: how
    they were made square, where their sets know what size they had.
    """

    node: str
    train: ImageSet
    held_out: ImageSet
    classes: int = 0
    augment: LiveAugmentation | None = None
    fit: Fit = "stretch"

    @property
    def to_reconstruct(self) -> ImageSet:
        """Whose reconstructions are shown: the held-out images, or those to learn from where none are held out."""
        return self.held_out if self.held_out.count else self.train

    def originals(self, numbers: Sequence[int]) -> Tensor:
        """(N, C, H, W) in [-1, 1]: those of `to_reconstruct` with these numbers, from 0; after the last the first."""
        shown = self.to_reconstruct
        return shown.batch(torch.tensor(numbers, device=shown.device) % shown.count)

    @classmethod
    def absent(cls, node: str, shape: tuple[int, int, int], classes: int, fit: Fit, device: str) -> "RealImages":
        """Images of which only their shape is known: what is built on them can be sampled from, and not trained."""
        none = ImageSet(torch.empty(0, *shape, dtype=torch.uint8, device=device), torch.empty(0, dtype=torch.int64))
        return cls(node, none, none, classes, fit=fit)


@dataclass(frozen=True)
class NoisePart:
    """Where latent vectors come from: the standard normal distribution in `dim` dimensions."""

    node: str
    dim: int

    def draw(self, count: int, random: torch.Generator, device: torch.device) -> Tensor:
        """(count, dim) float32, drawn from `random`, which lives on `device`: the noise of a step of training."""
        return torch.randn(count, self.dim, generator=random, device=device)


@dataclass(frozen=True)
class SamplesPart:
    """The grid of generated images drawn from fixed noise: `count` images from `seed`, every `every` steps."""

    node: str
    count: int
    every: int
    seed: int
