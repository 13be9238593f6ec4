"""Rotate, scale, translate and crop in one: each image is resampled through a rotated, scaled and moved window."""

import math

import torch
from torch import Tensor

from pipeline.augmentation.draws import Probability, between, uniform


def windows(
    images: Tensor,
    random: torch.Generator,
    p: Probability,
    rotate: float = 0.0,
    scale: float = 0.0,
    translate: float = 0.0,
    crop: float = 0.0,
) -> Tensor:
    """A random window (B, 2, 3) for each image, for `resample`.

    rotate: largest angle in degrees, in either direction. scale: largest share by which images grow or shrink (0.25:
    from 1/1.25 to 1.25). translate: largest shift as a share of the side, in whole pixels, so that a shift alone does
    not blur. crop: largest share of the side that is cut off; the rest fills the image.
    """
    height, width = images.shape[2:]
    angle = between(images, random, p, math.radians(rotate))[0]
    size = torch.exp(between(images, random, p, math.log1p(scale))[0])
    x, y = between(images, random, p, translate, rows=2)
    x, y = torch.round(x * width), torch.round(y * height)
    if crop:
        # The window shrinks and is placed at random inside the image.
        cut = between(images, random, p, crop)[0].abs()
        right, down = uniform(images, random, 2, -0.5, 0.5)
        size = size * (1 - cut)
        x, y = x + right * cut * width, y + down * cut * height
    return window(images, angle, size, x, y)


def window(images: Tensor, angle: Tensor, size: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """(B, 2, 3): the affine map from positions in the result to positions in the image, both from -1 to 1 along a side.

    angle (B,): radians by which the content turns, clockwise on the screen. size (B,): size of the window, 1 for the
    whole image. x, y (B,): pixels by which the content moves left and up.
    """
    height, width = images.shape[2:]
    along, across = size * torch.cos(angle), size * torch.sin(angle)
    # Angles are measured in pixels: if the sides differ in length, so do the units of x and y.
    first = along, across * (height / width), x * (2 / width)
    second = across * (-width / height), along, y * (2 / height)
    return torch.stack([*first, *second], dim=1).view(-1, 2, 3)
