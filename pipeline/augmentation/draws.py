"""The random numbers of a batch: for each image, whether an operation happens to it, and how much."""

import torch
from torch import Tensor

Chance = float | Tensor
"""The probability that an operation happens to an image; a tensor has no dimensions and is on the images' device."""


def uniform(images: Tensor, generator: torch.Generator, rows: int) -> Tensor:
    """(rows, B) in [0, 1) for a batch (B, C, H, W), on its device."""
    return torch.rand(rows, images.shape[0], generator=generator, device=images.device)


def happens(images: Tensor, generator: torch.Generator, p: Chance) -> Tensor:
    """(B,) bool: which images an operation happens to."""
    return uniform(images, generator, 1)[0] < p


def between(images: Tensor, generator: torch.Generator, p: Chance, largest: float, rows: int = 1) -> Tensor:
    """(rows, B) in [-largest, largest]; all 0 for an image that the operation does not happen to.

    Without random numbers, and 0 for all, where `largest` is 0.
    """
    if not largest:
        return torch.zeros(rows, images.shape[0], device=images.device)
    drawn = uniform(images, generator, rows + 1)
    return (drawn[:rows] * 2 - 1) * largest * (drawn[rows] < p)


def of_each(numbers: Tensor) -> Tensor:
    """(B,) -> (B, 1, 1, 1), to be multiplied with a batch."""
    return numbers[:, None, None, None]
