"""Whether images that were never seen come back from their codes, and whether the codes say anything."""

from collections.abc import Mapping
from functools import cached_property

import torch
from torch import Tensor, nn

from pipeline.data.images import ImageSet
from pipeline.families.autoencoder.coding import AutoencoderCoding, AutoencoderPart
from pipeline.objectives.elbo import Decoded
from pipeline.training.checkup import Checkup

ACTIVE = 0.01
"""Variance over images above which a latent dimension says something of them: δ of Burda et al. 2016."""

AVERAGED = 5000
"""Images that the mean image is made of: more change it little, and a set may be larger than memory."""


class AutoencoderCheckup(Checkup):
    """Measures, in the objective's reconstruction term (nats per image):

    held_out_reconstruction: of held-out images, their codes taken without chance. mean_image_error: if the mean
    training image stood for each of them, which is what an encoder that says nothing can come to. active_units: latent
    dimensions that say something of training images (`active_units`); only with a prior.
    """

    def __init__(self, objective: AutoencoderPart, coding: AutoencoderCoding) -> None:
        super().__init__(objective.encoder.images)
        self._coding = coding
        self._has_prior = objective.has_prior

    @cached_property
    def _mean_image(self) -> Decoded:
        return mean_image(self._images.train)

    def measure(
        self, networks: Mapping[str, nn.Module], samples: Tensor, labels: Tensor | None
    ) -> Mapping[str, Tensor]:
        coding, held_out = self._coding, self.held_out.images
        known = coding.reconstruct(networks, self.train.images)
        found = {
            "held_out_reconstruction": coding.error(networks, held_out).mean(),
            "mean_image_error": coding.error_of(held_out, expanded(self._mean_image, len(held_out))).mean(),
        }
        return found | ({"active_units": active_units(known.codes)} if self._has_prior else {})


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
