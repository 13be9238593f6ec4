"""Resamples images through affine windows: once for the whole batch."""

import torch
from torch import Tensor
from torch.nn.functional import grid_sample


def resample(images: Tensor, windows: Tensor) -> Tensor:
    """images (B, C, H, W) resampled through windows (B, 2, 3), bilinear, mirrored at the edges.

    Mirrored edges, as in Karras et al. 2020 (arXiv 2006.06676), leave no seams, and keep the dark surround of a digit
    dark. Even the identity window changes an image by rounding; see `resampled_where_changed`. On CUDA the gradient
    with respect to the images is summed in no fixed order, so a run with DiffAugment is bit-for-bit reproducible only
    on the CPU.
    """
    return grid_sample(images, _places(windows, images), padding_mode="reflection", align_corners=False)


def resampled_where_changed(images: Tensor, windows: Tensor) -> Tensor:
    """Like `resample`, but an image with the identity window stays bit for bit the same; takes a sixth longer."""
    changed = (windows != torch.eye(2, 3, device=windows.device)).flatten(1).any(1)
    return torch.where(changed[:, None, None, None], resample(images, windows), images)


def _places(windows: Tensor, images: Tensor) -> Tensor:
    """(B, H, W, 2): position in its image of each pixel of the result, x first, from -1 to 1 along a side."""
    # The result of `affine_grid`, as the sum of a row and a column: that function multiplies matrices for every pixel.
    across, down = (_centres(side, images.device) for side in (images.shape[3], images.shape[2]))
    by_column = windows[:, :, 0, None, None] * across  # (B, 2, 1, W)
    by_row = windows[:, :, 1, None, None] * down[:, None] + windows[:, :, 2, None, None]  # (B, 2, H, 1)
    return (by_column + by_row).permute(0, 2, 3, 1).to(images.dtype)


def _centres(side: int, device: torch.device) -> Tensor:
    return torch.linspace(1 / side - 1, 1 - 1 / side, side, device=device)
