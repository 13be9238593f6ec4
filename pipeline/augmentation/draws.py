"""The random numbers of a batch: for each image, whether an operation is applied to it, and how strongly."""

import torch
from torch import Tensor

from pipeline.ranks import drawing

Probability = float | Tensor
"""The probability that an operation is applied to an image; a tensor is 0-dimensional and on the images' device.

For the number 1 nothing is drawn: the operation is applied to all images.
"""


def uniform(images: Tensor, random: torch.Generator, rows: int, low: float = 0.0, high: float = 1.0) -> Tensor:
    """(rows, B) in [low, high) for a batch (B, C, H, W), on its device."""
    return drawing.uniform((rows, images.shape[0]), random, images.device, low, high, dim=1)


def applied_mask(images: Tensor, random: torch.Generator, p: Probability) -> Tensor:
    """(B,) bool: the images that an operation is applied to."""
    return uniform(images, random, 1)[0] < p


def between(images: Tensor, random: torch.Generator, p: Probability, largest: float, rows: int = 1) -> Tensor:
    """(rows, B) in [-largest, largest]; all 0 for an image that the operation is not applied to.

    If `largest` is 0, all are 0 and no random numbers are drawn.
    """
    if not largest:
        return torch.zeros(rows, images.shape[0], device=images.device)
    drawn = uniform(images, random, rows, -largest, largest)
    return drawn if always(p) else drawn * applied_mask(images, random, p)


def always(p: Probability) -> bool:
    """Whether p is 1, as far as is known without asking the device."""
    return not isinstance(p, Tensor) and p >= 1


def per_image(numbers: Tensor) -> Tensor:
    """(B,) -> (B, 1, 1, 1), for multiplication with a batch."""
    return numbers[:, None, None, None]
