"""Flips, Gaussian noise and cutout: operations on single pixels or on a square of them.

Cutout: DeVries & Taylor 2017 (arXiv 1708.04552).
"""

import torch
from torch import Tensor

from pipeline.augmentation.draws import Probability, always, applied_mask, between, per_image, uniform
from pipeline.ranks.drawing import normal


def flip(images: Tensor, random: torch.Generator, p: Probability, horizontal: float, vertical: float) -> Tensor:
    """Mirror images. horizontal, vertical: shares of images that are mirrored if p is 1, from 0 to 1."""
    for share, axis in ((horizontal, 3), (vertical, 2)):
        if share:
            images = torch.where(per_image(applied_mask(images, random, p * share)), images.flip(axis), images)
    return images


def add_noise(images: Tensor, random: torch.Generator, p: Probability, deviation: float) -> Tensor:
    """Add Gaussian noise. deviation: its largest standard deviation, in image units (black to white is 2)."""
    strength = per_image(between(images, random, p, deviation)[0])
    noise = normal(images.shape, random, images.device, images.dtype)
    return images + strength * noise


def cutout(images: Tensor, random: torch.Generator, p: Probability, share: float) -> Tensor:
    """Cut a square out of each image. share: side of the square as a share of each side of the image, rounded to
    pixels. The square is inside the image and filled with 0, middle grey."""
    down, right = uniform(images, random, 2)
    rows, columns = _within(down, images.shape[2], share), _within(right, images.shape[3], share)
    if not always(p):
        rows = rows * applied_mask(images, random, p)[:, None]
    # Multiply masks: combining boolean tensors is many times slower in torch.
    return images - images * (rows[:, None, :, None] * columns[:, None, None, :])


def _within(place: Tensor, side: int, share: float) -> Tensor:
    """(B, side): 1 between the square's edges along one side, elsewhere 0. place (B,): position from 0 to 1."""
    length = round(share * side)
    middle = (place * (side - length + 1)).floor() + (length - 1) / 2
    along = torch.arange(side, device=place.device)
    return ((along - middle[:, None]).abs() < length / 2).float()
