"""Brightness, contrast and saturation: one affine map of the channels per image.

Each works as in torchvision, on values from 0 to 1, but without clamping in between.
"""

import torch
from torch import Tensor

from pipeline.augmentation.draws import Probability, between, per_image

LUMA = (0.299, 0.587, 0.114)
"""Weights of red, green and blue in an image's grey value (ITU-R BT.601)."""


def random_colour(
    images: Tensor,
    random: torch.Generator,
    p: Probability,
    brightness: float = 0.0,
    contrast: float = 0.0,
    saturation: float = 0.0,
) -> Tensor:
    """Change brightness, contrast and saturation of each image at random; the result may leave [-1, 1].

    brightness, contrast, saturation: largest relative change; 0.2 is a factor from 0.8 to 1.2. Grey images have no
    saturation.
    """
    shares = (brightness, contrast, saturation if images.shape[1] > 1 else 0.0)
    return adjust_colour(images, *(1 + between(images, random, p, share)[0] for share in shares))


def adjust_colour(images: Tensor, brightness: Tensor, contrast: Tensor, saturation: Tensor) -> Tensor:
    """Scale images (B, 1 or 3, H, W) by factors (B,): first the distance of every value from black by `brightness`,
    then its distance from the image's mean grey by `contrast`, then the distance of a pixel's channels from its grey by
    `saturation`.

    Factors of 1 leave an image bit for bit the same.
    """
    brightness, contrast, saturation = map(per_image, (brightness, contrast, saturation))
    # On [-1, 1] black is -1, so both factors add an offset.
    mean = (greys(images.mean((2, 3), keepdim=True)) + 1) * brightness - 1
    offset = contrast * (brightness - 1) + (1 - contrast) * mean
    if images.shape[1] > 1:
        # Contiguous: torch is slow at adding one channel to three interleaved ones.
        images = images.contiguous()
        images = (images * saturation).add_((1 - saturation) * greys(images))
    # Not `addcmul`, which takes three times as long if two of its three arguments are one number per image.
    return (images * (brightness * contrast)).add_(offset)


def greys(images: Tensor) -> Tensor:
    """images (B, 1 or 3, H, W) -> (B, 1, H, W): the luma of colour images; grey ones are returned as they are."""
    if images.shape[1] == 1:
        return images
    red, green, blue = images.unbind(1)
    return (LUMA[0] * red + LUMA[1] * green + LUMA[2] * blue)[:, None]
