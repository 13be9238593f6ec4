"""The random numbers of a batch: for each image, whether an operation happens to it, and how much."""

import torch
from torch import Tensor

Chance = float | Tensor
"""The probability that an operation happens to an image; a tensor has no dimensions and is on the images' device.

Nothing is drawn for the number 1: then all of them happen.
"""


def uniform(images: Tensor, random: torch.Generator, rows: int, low: float = 0.0, high: float = 1.0) -> Tensor:
    """(rows, B) in [low, high) for a batch (B, C, H, W), on its device."""
    return torch.empty(rows, images.shape[0], device=images.device).uniform_(low, high, generator=random)


def happens(images: Tensor, random: torch.Generator, p: Chance) -> Tensor:
    """(B,) bool: which images an operation happens to."""
    return uniform(images, random, 1)[0] < p


def between(images: Tensor, random: torch.Generator, p: Chance, largest: float, rows: int = 1) -> Tensor:
    """(rows, B) in [-largest, largest]; all 0 for an image that the operation does not happen to.

    Without random numbers, and 0 for all, where `largest` is 0.
    """
    if not largest:
        return torch.zeros(rows, images.shape[0], device=images.device)
    drawn = uniform(images, random, rows, -largest, largest)
    return drawn if always(p) else drawn * happens(images, random, p)


def always(p: Chance) -> bool:
    """Whether that is known without asking the device."""
    return not isinstance(p, Tensor) and p >= 1


def of_each(numbers: Tensor) -> Tensor:
    """(B,) -> (B, 1, 1, 1), to be multiplied with a batch."""
    return numbers[:, None, None, None]
