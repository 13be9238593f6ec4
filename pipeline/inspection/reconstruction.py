"""How well images come back from their codes, and what the codes do: for families that have an encoder."""

import torch
from torch import Tensor

from pipeline.data.images import ImageSet
from pipeline.objectives.elbo import Decoded

ACTIVE = 0.01
"""Variance over images above which a latent dimension says something of them: δ of Burda et al. 2016."""

AVERAGED = 5000
"""Images that the mean image is made of: more change it little, and a set may be larger than memory."""


def active_units(means: Tensor) -> Tensor:
    """Means of codes (B, dim) -> in how many dimensions Var_x(E[z|x]) > ACTIVE; Burda et al. (arXiv 1509.00519)."""
    return (means.var(0, correction=0) > ACTIVE).sum()


def mean_image(images: ImageSet) -> Decoded:
    """The mean of the images as if decoded: (1, C, H, W). What knows nothing of an image can do no better by squares.

    Of N images, at least AVERAGED where there are so many, evenly spread over the set. A pixel's logit is bounded by
    what these can tell: no brightness is below 1/(N + 2) or above 1 less that.
    """
    pixels = images.pixels[:: max(1, images.count // AVERAGED)]
    # Whole numbers add up exactly, and not every device has float64.
    mean = (pixels.sum(0) / (127.5 * len(pixels)) - 1)[None].to(images.device)
    return Decoded(mean, torch.logit((mean + 1) / 2, eps=1 / (len(pixels) + 2)))


def expanded(decoded: Decoded, count: int) -> Decoded:
    """The one image of `decoded` (1, C, H, W) for each of `count` images."""
    return Decoded(*(tensor.expand(count, -1, -1, -1) for tensor in decoded))
