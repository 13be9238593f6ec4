"""Encoding and decoding of images, for the families that have codes."""

from abc import ABC, abstractmethod
from typing import NamedTuple

import torch
from torch import Tensor

from pipeline.data.images import to_signed
from pipeline.data.value_range import SIGNED, ValueRange
from pipeline.training.inference import BATCH, Networks, eval_mode
from pipeline.training.standalone import Standalone


class Coded(NamedTuple):
    """Encoded and decoded images. codes: (B, dim), deterministic. images: reconstructions (B, C, H, W)."""

    codes: Tensor
    images: Tensor


class Coding(ABC):
    """How a run's networks encode and decode images. roles: the networks that take part."""

    roles: tuple[str, ...]

    @abstractmethod
    def codes(self, networks: Networks, images: Tensor) -> Tensor:
        """Images (B, C, H, W) -> their codes (B, dim), without sampling."""

    @abstractmethod
    def reconstruct(self, networks: Networks, images: Tensor) -> Coded:
        """Images (B, C, H, W) -> their codes and reconstructions."""

    def standalone(self) -> Standalone | None:
        """How a file that needs no Genscope reconstructs the same images; None if none can be written."""
        return None


@torch.no_grad()
def codes_of(coding: Coding, networks: Networks, images: Tensor) -> Tensor:
    """Images (N, C, H, W) -> their codes (N, dim), with the networks in eval mode."""
    with eval_mode(*(networks[role] for role in coding.roles)):
        return torch.cat([coding.codes(networks, batch) for batch in torch.split(images, BATCH)])


def root_mean_square_error(images: Tensor, made: Tensor, values: ValueRange = SIGNED) -> Tensor:
    """Root mean square error per image, of values in [-1, 1]: (B, C, H, W) twice -> (B,); 0 is a perfect copy.

    values: the range of the given images.
    """
    return (to_signed(made, values) - to_signed(images, values)).square().flatten(1).mean(1).sqrt()
