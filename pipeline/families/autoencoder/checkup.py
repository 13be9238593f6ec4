"""Measure how well held-out images are reconstructed, and whether codes carry information."""

from collections.abc import Mapping
from functools import cached_property

import torch
from torch import Tensor, nn

from pipeline.data.images import ImageSet
from pipeline.families.autoencoder.coding import AutoencoderCoding, AutoencoderPart
from pipeline.objectives.elbo import Decoded
from pipeline.training.checkup import Checkup

ACTIVE = 0.01
"""Variance over images above which a latent dimension is active: δ of Burda et al. 2016."""

AVERAGED = 5000
"""Images used for the mean image: more would change it little, and a data set may be larger than memory."""


class AutoencoderCheckup(Checkup):
    """Measures the reconstruction error, by the objective's reconstruction term in nats per image, and active units.

    held_out_reconstruction: error of held-out images, decoded from codes without sampling. mean_image_error: their
    error if each were reconstructed as the mean training image, the best possible with an encoder that carries no
    information. active_units: latent dimensions that vary over training images (`active_units`); only with a prior.
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
    """The number of dimensions of code means (B, dim) with Var_x(E[z|x]) > ACTIVE; Burda et al. (arXiv 1509.00519)."""
    return (means.var(0, correction=0) > ACTIVE).sum()


def mean_image(images: ImageSet) -> Decoded:
    """The mean of the images as if decoded, (1, C, H, W): the best constant reconstruction in squared error.

    Averages N images, at least AVERAGED if the set has that many, evenly spread over the set. Logits are bounded by
    what N images can show: brightness is clamped to [1/(N + 2), 1 − 1/(N + 2)].
    """
    pixels = images.pixels[:: max(1, images.count // AVERAGED)]
    # Integers sum exactly, and not every device has float64.
    mean = (pixels.sum(0) / (127.5 * len(pixels)) - 1)[None].to(images.device)
    return Decoded(mean, torch.logit((mean + 1) / 2, eps=1 / (len(pixels) + 2)))


def expanded(decoded: Decoded, count: int) -> Decoded:
    """`decoded`, of one image (1, C, H, W), expanded to `count` images."""
    return Decoded(*(tensor.expand(count, -1, -1, -1) for tensor in decoded))
