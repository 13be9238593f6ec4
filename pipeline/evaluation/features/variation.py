"""Training images moved, turned and scaled a little at random, so that a small classifier does not learn them by
heart."""

from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional as F

MOVE, TURN, SCALE = 0.1, 0.2, 0.12
"""Maximum shift as a share of half the side, angle in radians, and relative change of the size."""


def varied(images: Tensor, outside: Literal["black", "border"]) -> Tensor:
    """Images (B, C, H, W) in [-1, 1], varied with torch's global random numbers. outside: what comes in from there:
    black, or the values at the border."""
    count = len(images)
    angles, sizes = TURN * _signed(count), 1 + SCALE * _signed(count)
    cosines, sines = angles.cos() * sizes, angles.sin() * sizes
    shifts = MOVE * _signed(count, 2)
    rows = torch.stack([cosines, -sines, shifts[:, 0], sines, cosines, shifts[:, 1]], 1).view(count, 2, 3)
    grid = F.affine_grid(rows, list(images.shape), align_corners=False).to(images.device)
    if outside == "black":
        return F.grid_sample(images + 1, grid, align_corners=False) - 1
    return F.grid_sample(images, grid, padding_mode="border", align_corners=False)


def _signed(*shape: int) -> Tensor:
    return 2 * torch.rand(*shape) - 1
