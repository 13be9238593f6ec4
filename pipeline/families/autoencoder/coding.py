"""What the nodes of the autoencoder family build, and how a run encodes and decodes images.

An encoder returns (B, numbers, dim): with numbers 1 the code itself, with numbers 2 its mean and log-variance.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from pipeline.data.images import to_signed
from pipeline.data.value_range import SIGNED, UNIT, ValueRange
from pipeline.families.autoencoder.family import DECODER, ENCODER
from pipeline.objectives.elbo import Decoded, Reconstruction
from pipeline.training.coding import Coded, Coding
from pipeline.training.inference import Networks
from pipeline.training.parts import NoisePart, RealImages
from pipeline.training.standalone import Standalone

ATANH_BOUND = 1 - 1e-6
"""Bound to which images are clamped before atanh, for decoders whose last layer is not known."""


@dataclass(frozen=True)
class EncoderPart:
    """A network from images (B, C, H, W) to (B, numbers, dim), with the images that it learns from.

    prior: the noise that has as many dimensions as a code.
    """

    node: str
    network: nn.Module
    images: RealImages
    prior: NoisePart


@dataclass(frozen=True)
class DecoderPart:
    """A network from codes (B, dim) to images (B, C, H, W), preferably an `nn.Sequential` that ends in tanh, or in a
    sigmoid for images in [0, 1]."""

    node: str
    network: nn.Module
    latents: NoisePart


@dataclass(frozen=True)
class AutoencoderPart:
    """The objective of an encoder and a decoder.

    beta: key of the live weight of the KL term; "" for an autoencoder without one, whose codes are points.
    kl_warmup_steps: steps over which that weight rises from 0.
    """

    node: str
    reconstruction: Reconstruction
    encoder: EncoderPart
    decoder: DecoderPart
    beta: str = ""
    kl_warmup_steps: int = 0

    @property
    def has_prior(self) -> bool:
        """Whether a KL term pulls codes towards the standard normal distribution, so that samples from it can be
        decoded."""
        return bool(self.beta)


class AutoencoderCoding(Coding):
    """Encodes images and decodes codes with a run's networks."""

    roles = (ENCODER, DECODER)

    def __init__(self, reconstruction: Reconstruction, values: ValueRange = SIGNED) -> None:
        """values: the range of the images."""
        self._reconstruction = reconstruction
        self._values = values

    def codes(self, networks: Networks, images: Tensor) -> Tensor:
        """The codes (B, dim); their means if codes are distributions."""
        return encoded(networks[ENCODER], images)[0]

    def reconstruct(self, networks: Networks, images: Tensor) -> Coded:
        codes = self.codes(networks, images)
        return Coded(codes, decoded(networks[DECODER], codes, self._values).images)

    def standalone(self) -> Standalone:
        return Standalone(reconstruct, {"values": self._values})

    def error(self, networks: Networks, images: Tensor) -> Tensor:
        """The reconstruction term (B,) in nats of images (B, C, H, W), decoded from codes without sampling."""
        return self.error_of(images, decoded(networks[DECODER], self.codes(networks, images), self._values))

    def error_of(self, images: Tensor, made: Decoded) -> Tensor:
        """The reconstruction term (B,) in nats of images with the given reconstructions."""
        return reconstruction_error(self._reconstruction, images, made, self._values)


def reconstruct(networks: Networks, images: Tensor, *, values: ValueRange) -> Tensor:
    """Images (B, C, H, W) in the range `values`, encoded without sampling, and decoded."""
    return decoded(networks[DECODER], encoded(networks[ENCODER], images)[0], values).images


def reconstruction_error(term: Reconstruction, images: Tensor, made: Decoded, values: ValueRange) -> Tensor:
    """The reconstruction term (B,) in nats of images (B, C, H, W) in the range `values`."""
    return term.of(to_signed(images, values) if term.of_brightness else images, made)


def encoded(encoder: nn.Module, images: Tensor) -> tuple[Tensor, ...]:
    """Images (B, C, H, W) -> codes, or means and log-variances: (B, dim) each, float32."""
    numbers: Tensor = encoder(images)
    return tuple(numbers.float().unbind(1))


def decoded(decoder: nn.Module, latents: Tensor, values: ValueRange = SIGNED) -> Decoded:
    """Latents (B, dim) -> images in the range `values` and the logits of their brightness, float32."""
    if values == UNIT and isinstance(decoder, nn.Sequential) and len(decoder) and isinstance(decoder[-1], nn.Sigmoid):
        logits: Tensor = decoder[:-1](latents).float()
        return Decoded(decoder[-1](logits), logits)
    if values == SIGNED and isinstance(decoder, nn.Sequential) and len(decoder) and isinstance(decoder[-1], nn.Tanh):
        # From before the tanh: where it saturates at ±1, cross-entropy has no finite value or gradient.
        halved: Tensor = decoder[:-1](latents)
        return Decoded(decoder[-1](halved.float()), 2 * halved.float())
    images: Tensor = decoder(latents).float()
    return Decoded(images, 2 * torch.atanh(to_signed(images, values).clamp(-ATANH_BOUND, ATANH_BOUND)))
