"""Rotate, scale, translate and crop in one: each image is seen through a window, which is turned, sized and moved."""

import math

import torch
from torch import Tensor

from pipeline.augmentation.draws import Chance, between, uniform


def windows(
    images: Tensor,
    random: torch.Generator,
    p: Chance,
    rotate: float = 0.0,
    scale: float = 0.0,
    translate: float = 0.0,
    crop: float = 0.0,
) -> Tensor:
    """A window (B, 2, 3) for each image, to be given to `resampled`.

    rotate: degrees to either side at most. scale: images grow or shrink at most by this share (0.25: from 1/1.25 to
    1.25). translate: share of the side that images are moved by at most, in whole pixels, so that a move by itself
    blurs nothing. crop: share of the side that is cut off at most; what is left fills the image.
    """
    height, width = images.shape[2:]
    angle = between(images, random, p, math.radians(rotate))[0]
    size = torch.exp(between(images, random, p, math.log1p(scale))[0])
    x, y = between(images, random, p, translate, rows=2)
    x, y = torch.round(x * width), torch.round(y * height)
    if crop:
        # The window shrinks, and lies anywhere inside the image.
        cut = between(images, random, p, crop)[0].abs()
        right, down = uniform(images, random, 2, -0.5, 0.5)
        size = size * (1 - cut)
        x, y = x + right * cut * width, y + down * cut * height
    return window(images, angle, size, x, y)


def window(images: Tensor, angle: Tensor, size: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """(B, 2, 3): the affine map from places in the result to places in the image, both from -1 to 1 over a side.

    angle (B,): radians by which what is seen turns, to the right on the screen. size (B,): of the window, 1 for all of
    the image. x, y (B,): pixels by which what is seen moves, to the left and up.
    """
    height, width = images.shape[2:]
    along, across = size * torch.cos(angle), size * torch.sin(angle)
    # Angles are those of pixels: where sides differ in length, so do the units.
    first = along, across * (height / width), x * (2 / width)
    second = across * (-width / height), along, y * (2 / height)
    return torch.stack([*first, *second], dim=1).view(-1, 2, 3)
