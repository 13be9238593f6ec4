"""Measure how well held-out images are reconstructed, and whether codes carry information."""

from collections.abc import Mapping
from functools import cached_property
from math import nan

import torch
from torch import Tensor, nn

from pipeline.data.images import ImageSet, from_signed
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
    information. Both are NaN without held-out images; the training node then does not declare them. active_units:
    latent dimensions that vary over training images (`active_units`); only with a prior.
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
        known = self._coding.reconstruct(networks, self.train.images)
        error, of_mean = self._errors(networks, self.held_out.images)
        found = {"held_out_reconstruction": error, "mean_image_error": of_mean}
        return found | ({"active_units": active_units(known.codes)} if self._has_prior else {})

    def _errors(self, networks: Mapping[str, nn.Module], images: Tensor) -> tuple[Tensor, Tensor]:
        """The mean error of images, and that of the mean image in their place; NaN without images."""
        if not len(images):
            # Networks get no batch of nothing: not every layer takes one.
            return images.new_tensor(nan), images.new_tensor(nan)
        of_mean = self._coding.error_of(images, expanded(self._mean_image, len(images)))
        return self._coding.error(networks, images).mean(), of_mean.mean()


def active_units(means: Tensor) -> Tensor:
    """The number of dimensions of code means (B, dim) with Var_x(E[z|x]) > ACTIVE; Burda et al. (arXiv 1509.00519)."""
    return (means.var(0, correction=0) > ACTIVE).sum()


def mean_image(images: ImageSet) -> Decoded:
    """The mean of the images as if decoded, (1, C, H, W): the best constant reconstruction in squared error.

    Averages N images, at least AVERAGED if the set has that many, evenly spread over the set. Logits are bounded by
    what N images can show: brightness is clamped to [1/(N + 2), 1 − 1/(N + 2)].
    """
    pixels = images.take(torch.arange(0, images.count, max(1, images.count // AVERAGED)))
    # Integers sum exactly, and not every device has float64.
    mean = (pixels.sum(0) / (127.5 * len(pixels)) - 1)[None].to(images.device)
    return Decoded(from_signed(mean, images.values), torch.logit((mean + 1) / 2, eps=1 / (len(pixels) + 2)))


def expanded(decoded: Decoded, count: int) -> Decoded:
    """`decoded`, of one image (1, C, H, W), expanded to `count` images."""
    return Decoded(*(tensor.expand(count, -1, -1, -1) for tensor in decoded))
