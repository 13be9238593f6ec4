"""Scoring of images by a critic or classifier, for the families that have one."""

from abc import ABC, abstractmethod
from collections.abc import Mapping

from torch import Tensor, nn


class Scores(ABC):
    """A scorer of images.

    role: role of the scoring network. probability: whether shown scores are probabilities of "real" and raw scores
    their logits; if not, both are unbounded numbers without a unit.
    """

    role: str
    probability: bool = False

    @abstractmethod
    def of(self, networks: Mapping[str, nn.Module], images: Tensor, labels: Tensor | None) -> Tensor:
        """Raw scores (B,) of images (B, C, H, W), differentiable with respect to the images.

        labels: (B,) int64, None if the images have none.
        """

    def inputs(self, images: Tensor, labels: Tensor | None) -> tuple[Tensor, ...]:
        """The arguments of the scoring network's call for these images."""
        return (images,)

    def shown(self, scores: Tensor) -> Tensor:
        """Raw scores (B,) -> scores as shown to users (B,)."""
        return scores
