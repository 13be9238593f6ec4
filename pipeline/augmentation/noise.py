"""Gaussian noise on every value, with a random strength for each image."""

import torch
from torch import Tensor

from pipeline.augmentation.draws import Chance, between, of_each


def noisy(images: Tensor, random: torch.Generator, p: Chance, deviation: float) -> Tensor:
    """deviation: the largest standard deviation of the noise, in image units (black to white is 2)."""
    strength = of_each(between(images, random, p, deviation)[0])
    noise = torch.randn(images.shape, generator=random, device=images.device, dtype=images.dtype)
    return images + strength * noise
