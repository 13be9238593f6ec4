"""Cutout: a square without content, at a place of its own in each image. DeVries & Taylor 2017 (arXiv 1708.04552)."""

import torch
from torch import Tensor

from pipeline.augmentation.draws import Chance, always, happens, uniform


def cut_out(images: Tensor, random: torch.Generator, p: Chance, share: float) -> Tensor:
    """share: of each side that the square takes, rounded to pixels; all of it lies inside and is 0, the middle grey."""
    down, right = uniform(images, random, 2)
    rows, columns = _within(down, images.shape[2], share), _within(right, images.shape[3], share)
    if not always(p):
        rows = rows * happens(images, random, p)[:, None]
    # Multiplied, because torch combines truth values many times more slowly than it multiplies.
    return images - images * (rows[:, None, :, None] * columns[:, None, None, :])


def _within(place: Tensor, side: int, share: float) -> Tensor:
    """(B, side): 1 between the square's edges along one side, else 0. place (B,): from 0 to 1."""
    length = round(share * side)
    middle = (place * (side - length + 1)).floor() + (length - 1) / 2
    along = torch.arange(side, device=place.device)
    return ((along - middle[:, None]).abs() < length / 2).float()
