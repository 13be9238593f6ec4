"""How images become what a network takes: channels and sizes."""

from torch import Tensor
from torch.nn import functional as F


def colour(images: Tensor) -> Tensor:
    """Images (B, C, H, W) of 1, 2, 3 or more channels -> (B, 3, H, W): grey repeated, further channels left out. The
    second of two channels is transparency."""
    channels = images.shape[1]
    return images[:, :1].expand(-1, 3, -1, -1) if channels < 3 else images[:, :3]


def grey(images: Tensor) -> Tensor:
    """Images (B, C, H, W) -> the mean of their channels (B, 1, H, W)."""
    return images.mean(1, keepdim=True)


def resized(images: Tensor, height: int, width: int = 0) -> Tensor:
    """Images (B, C, H, W) in float -> (B, C, height, width): bilinear, antialiased when they shrink. width: that of a
    square if 0."""
    size = (height, width or height)
    if images.shape[-2:] == size:
        return images
    return F.interpolate(images, size=size, mode="bilinear", antialias=True)
