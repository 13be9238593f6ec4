"""Mirrored images: left to right, upside down. Pixels move and keep their values."""

import torch
from torch import Tensor

from pipeline.augmentation.draws import Chance, happens, of_each


def flipped(images: Tensor, random: torch.Generator, p: Chance, horizontal: float, vertical: float) -> Tensor:
    """horizontal, vertical: shares of images that are mirrored if p is 1, from 0 to 1."""
    for share, axis in ((horizontal, 3), (vertical, 2)):
        if share:
            images = torch.where(of_each(happens(images, random, p * share)), images.flip(axis), images)
    return images
