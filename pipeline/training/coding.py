"""Encoding and decoding of images, for the families that have codes."""

from abc import ABC, abstractmethod
from typing import NamedTuple

import torch
from torch import Tensor

from pipeline.training.inference import BATCH, Networks, eval_mode


class Coded(NamedTuple):
    """Encoded and decoded images. codes: (B, dim), deterministic. images: reconstructions (B, C, H, W) in [-1, 1]."""

    codes: Tensor
    images: Tensor


class Coding(ABC):
    """How a run's networks encode and decode images. roles: the networks that take part."""

    roles: tuple[str, ...]

    @abstractmethod
    def codes(self, networks: Networks, images: Tensor) -> Tensor:
        """Images (B, C, H, W) in [-1, 1] -> their codes (B, dim), without sampling."""

    @abstractmethod
    def reconstruct(self, networks: Networks, images: Tensor) -> Coded:
        """Images (B, C, H, W) in [-1, 1] -> their codes and reconstructions."""


@torch.no_grad()
def codes_of(coding: Coding, networks: Networks, images: Tensor) -> Tensor:
    """Images (N, C, H, W) in [-1, 1] -> their codes (N, dim), with the networks in eval mode."""
    with eval_mode(*(networks[role] for role in coding.roles)):
        return torch.cat([coding.codes(networks, batch) for batch in torch.split(images, BATCH)])


def root_mean_square_error(images: Tensor, made: Tensor) -> Tensor:
    """Root mean square error per image, of values in [-1, 1]: (B, C, H, W) twice -> (B,); 0 is a perfect copy."""
    return (made - images).square().flatten(1).mean(1).sqrt()
