"""How a family makes codes of images and images of codes. Not every family does."""

from abc import ABC, abstractmethod
from typing import NamedTuple

import torch
from torch import Tensor

from pipeline.training.inference import BATCH, Networks, at_rest


class Coded(NamedTuple):
    """Images that were encoded and decoded. codes: (B, dim), without chance. images: (B, C, H, W) in [-1, 1]."""

    codes: Tensor
    images: Tensor


class Coding(ABC):
    """How a run's networks, by role, make codes of images and images of codes. roles: of those that do."""

    roles: tuple[str, ...]

    @abstractmethod
    def codes(self, networks: Networks, images: Tensor) -> Tensor:
        """Images (B, C, H, W) in [-1, 1] -> their codes (B, dim), without chance."""

    @abstractmethod
    def reconstruct(self, networks: Networks, images: Tensor) -> Coded:
        """Images (B, C, H, W) in [-1, 1] -> their codes, and what is made of these."""


@torch.no_grad()
def codes_of(coding: Coding, networks: Networks, images: Tensor) -> Tensor:
    """Images (N, C, H, W) in [-1, 1] -> their codes (N, dim) from the networks at rest."""
    with at_rest(*(networks[role] for role in coding.roles)):
        return torch.cat([coding.codes(networks, batch) for batch in torch.split(images, BATCH)])


def root_mean_square_error(images: Tensor, made: Tensor) -> Tensor:
    """How far values in [-1, 1] are off in each image: (B, C, H, W) twice -> (B,); 0 for a perfect reconstruction."""
    return (made - images).square().flatten(1).mean(1).sqrt()
