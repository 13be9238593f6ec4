"""The finished parts of an autoencoder, and how images become codes and codes images again.

An encoder returns (B, numbers, dim): the one number of each latent dimension, or the mean and the log-variance of two.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from torch import Tensor, nn

from pipeline.models.plan import Plan
from pipeline.objectives.elbo import Decoded, Reconstruction
from pipeline.training.parts import GeneratorPart, Latents, RealImages

ENCODER = "encoder"
DECODER = "decoder"


@dataclass(frozen=True)
class EncoderPart:
    """A network from images (B, C, H, W) in [-1, 1] to (B, numbers, dim), with the images that it learns from.

    prior: the latent vectors whose dimensions are those of a code.
    """

    node: str
    network: nn.Module
    plan: Plan
    images: RealImages
    prior: Latents


@dataclass(frozen=True)
class DecoderPart(GeneratorPart):
    """A generator whose latents are codes, as an `nn.Sequential` that ends in tanh."""


@dataclass(frozen=True)
class AutoencoderPart:
    """What an encoder and a decoder are trained for.

    beta: key of the live weight of the KL term; "" for an autoencoder without one, whose codes are plain numbers.
    kl_warmup_steps: steps in which that weight rises from 0.
    """

    node: str
    reconstruction: Reconstruction
    encoder: EncoderPart
    decoder: DecoderPart
    beta: str = ""
    kl_warmup_steps: int = 0

    @property
    def coding(self) -> "Coding":
        """How its two networks make codes of images and images of codes."""
        return Coding(self.reconstruction, has_prior=bool(self.beta))


class Coded(NamedTuple):
    """Images that were encoded and decoded. codes: (B, dim), the means where they are distributions."""

    codes: Tensor
    decoded: Decoded


@dataclass(frozen=True)
class Coding:
    """How a run's networks, by role, make codes of images and images of codes.

    has_prior: whether codes are held to the standard normal distribution, so that what is drawn from it can be decoded.
    """

    reconstruction: Reconstruction
    has_prior: bool

    def codes(self, networks: Mapping[str, nn.Module], images: Tensor) -> Tensor:
        """Images (B, C, H, W) in [-1, 1] -> their codes (B, dim), without chance."""
        return encoded(networks[ENCODER], images)[0]

    def reconstruct(self, networks: Mapping[str, nn.Module], images: Tensor) -> Coded:
        """Images (B, C, H, W) in [-1, 1] -> their codes, and what the decoder makes of these."""
        codes = self.codes(networks, images)
        return Coded(codes, decoded(networks[DECODER], codes))

    def error(self, images: Tensor, made: Decoded) -> Tensor:
        """The reconstruction term (B,) in nats."""
        return self.reconstruction.of(images, made)


def encoded(encoder: nn.Module, images: Tensor) -> tuple[Tensor, ...]:
    """Images (B, C, H, W) -> codes, or means and log-variances: (B, dim) each, float32."""
    numbers: Tensor = encoder(images)
    return tuple(numbers.float().unbind(1))


def decoded(decoder: nn.Module, latents: Tensor) -> Decoded:
    """Latents (B, dim) -> images and the logits of their brightness, float32. The decoder ends in tanh."""
    assert isinstance(decoder, nn.Sequential)
    # Before the tanh: where it comes to ±1, cross-entropy would have neither value nor slope.
    halved: Tensor = decoder[:-1](latents)
    return Decoded(decoder[-1](halved.float()), 2 * halved.float())


def root_mean_square_error(images: Tensor, made: Tensor) -> Tensor:
    """How far values in [-1, 1] are off in each image: (B, C, H, W) twice -> (B,); 0 for a perfect reconstruction."""
    return (made - images).square().flatten(1).mean(1).sqrt()
