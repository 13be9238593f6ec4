"""Cutout: an empty square at a random position in each image. DeVries & Taylor 2017 (arXiv 1708.04552)."""

import torch
from torch import Tensor

from pipeline.augmentation.draws import Chance, always, happens, uniform


def cut_out(images: Tensor, random: torch.Generator, p: Chance, share: float) -> Tensor:
    """Cut a square out of each image. share: of each side, rounded to pixels. The square is inside the image and 0,
    middle grey."""
    down, right = uniform(images, random, 2)
    rows, columns = _within(down, images.shape[2], share), _within(right, images.shape[3], share)
    if not always(p):
        rows = rows * happens(images, random, p)[:, None]
    # Multiply masks: combining boolean tensors is many times slower in torch.
    return images - images * (rows[:, None, :, None] * columns[:, None, None, :])


def _within(place: Tensor, side: int, share: float) -> Tensor:
    """(B, side): 1 between the square's edges along one side, elsewhere 0. place (B,): position from 0 to 1."""
    length = round(share * side)
    middle = (place * (side - length + 1)).floor() + (length - 1) / 2
    along = torch.arange(side, device=place.device)
    return ((along - middle[:, None]).abs() < length / 2).float()
