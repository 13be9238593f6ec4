"""How a family scores images: what its critic or classifier thinks of one. Not every family does."""

from abc import ABC, abstractmethod
from collections.abc import Mapping

from torch import Tensor, nn


class Scores(ABC):
    """A scorer of images.

    role: of the network that scores. probability: whether shown scores are the probability of "real", and raw ones
    their logits; else both are numbers without bounds or unit.
    """

    role: str
    probability: bool = False

    @abstractmethod
    def of(self, networks: Mapping[str, nn.Module], images: Tensor, labels: Tensor | None) -> Tensor:
        """Raw scores (B,) of images (B, C, H, W) in [-1, 1], differentiable by them. labels: (B,) int64, None where
        the images have none."""

    def inputs(self, images: Tensor, labels: Tensor | None) -> tuple[Tensor, ...]:
        """What the scoring network is called with for these images."""
        return (images,)

    def shown(self, scores: Tensor) -> Tensor:
        """Raw scores (B,) -> the numbers people look at (B,)."""
        return scores
