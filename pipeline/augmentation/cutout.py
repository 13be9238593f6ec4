"""Cutout: a square without content, at a place of its own in each image. DeVries & Taylor 2017 (arXiv 1708.04552)."""

import torch
from torch import Tensor

from pipeline.augmentation.draws import Chance, happens, of_each, uniform


def cut_out(images: Tensor, generator: torch.Generator, p: Chance, share: float) -> Tensor:
    """share: of each side that the square takes, rounded to pixels; all of it lies inside and is 0, the middle grey."""
    down, right = uniform(images, generator, 2)
    rows, columns = (_within(place, side, share) for place, side in zip((down, right), images.shape[2:], strict=True))
    inside = rows[:, None, :, None] & columns[:, None, None, :] & of_each(happens(images, generator, p))
    return images.masked_fill(inside, 0)


def _within(place: Tensor, side: int, share: float) -> Tensor:
    """(B, side) bool: what lies between the square's edges along one side. place (B,): from 0 to 1."""
    length = round(share * side)
    first = (place * (side - length + 1)).floor()[:, None]
    along = torch.arange(side, device=place.device)
    return (along >= first) & (along < first + length)
