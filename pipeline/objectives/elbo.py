"""The losses of autoencoders: the evidence lower bound, term by term.

Kingma & Welling 2014 (arXiv 1312.6114). For an image x, its code z and its reconstruction x̃, the negative bound is

    −log p(x|z) + β · D_KL( q(z|x) ‖ p(z) )        in nats, per image

with q(z|x) = N(μ, σ²) and p(z) = N(0, I). Every function here sums over all pixels or all latent dimensions of an image
and returns one value per image, (B,). With β = 1 their mean over the batch is the negative bound itself; any other β
gives the β-VAE of Higgins et al. 2017. An autoencoder without a prior uses the first term alone.

Constants that do not depend on the weights are left out of the likelihoods.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits


class Decoded(NamedTuple):
    """A decoder's output. images: (B, C, H, W) in the range of the real images. logits: logits of the brightness, which
    is (images + 1) / 2 for images in [-1, 1], and the images themselves in [0, 1].

    In [-1, 1], images = tanh(logits / 2), since 2σ(t) − 1 = tanh(t/2). The logits are kept too because they cannot be
    recovered from images that saturate at black or white.
    """

    images: Tensor
    logits: Tensor


@dataclass(frozen=True)
class Reconstruction:
    """A term −log p(x|z). of: function (images x (B, C, H, W), decoded) -> (B,) nats. formula: the term in
    LaTeX. of_brightness: whether it compares the logits, and takes x in [-1, 1] whatever the range of the images."""

    name: str
    of: Callable[[Tensor, Decoded], Tensor]
    formula: str
    of_brightness: bool = False


def squared_error(real: Tensor, decoded: Decoded) -> Tensor:
    """½ ‖x − x̃‖², summed over pixels: p(x|z) = N(x̃, I), a normal distribution of variance 1 around each value."""
    return 0.5 * (real - decoded.images).square().flatten(1).sum(1)


def absolute_error(real: Tensor, decoded: Decoded) -> Tensor:
    """‖x − x̃‖₁, summed over pixels: p(x|z) is a Laplace distribution of scale 1 around each value."""
    return (real - decoded.images).abs().flatten(1).sum(1)


def cross_entropy(real: Tensor, decoded: Decoded) -> Tensor:
    """−Σ [b log b̃ + (1 − b) log(1 − b̃)] of the brightnesses b = (x + 1)/2 and b̃: p(x|z) is Bernoulli(b̃) for each value.

    Computed from logits, so that it is exact even if b̃ saturates at 0 or 1. For grey pixels it cannot fall below their
    entropy, which is above 0.
    """
    return binary_cross_entropy_with_logits(decoded.logits, (real + 1) / 2, reduction="none").flatten(1).sum(1)


def kl_to_standard_normal(means: Tensor, log_variances: Tensor) -> Tensor:
    """D_KL( N(μ, σ²) ‖ N(0, I) ) = ½ Σ (μ² + σ² − log σ² − 1): (B, dim) twice -> (B,); appendix B of the paper."""
    return 0.5 * (means.square() + log_variances.exp() - log_variances - 1).sum(1)


def reparametrise(means: Tensor, log_variances: Tensor, noise: Tensor) -> Tensor:
    """z = μ + σ · ε with ε ~ N(0, I): a draw from N(μ, σ²) through which gradients reach μ and σ. All (B, dim)."""
    return means + torch.exp(0.5 * log_variances) * noise


def kl_warmup_factor(step: int, steps: int) -> float:
    """Factor of the KL weight after `step` steps: rises linearly from 0 to 1 over `steps`; 1 if `steps` is 0.

    KL annealing, Bowman et al. 2016 (arXiv 1511.06349), section 3.1, here linear.
    """
    return min(1.0, step / steps) if steps else 1.0


RECONSTRUCTIONS = {
    each.name: each
    for each in (
        Reconstruction("mse", squared_error, r"\tfrac{1}{2} \lVert x - \tilde{x} \rVert_2^2"),
        Reconstruction("l1", absolute_error, r"\lVert x - \tilde{x} \rVert_1"),
        Reconstruction("bce", cross_entropy, r"-\sum \big( b \log \tilde{b} + (1 - b) \log(1 - \tilde{b}) \big)", True),
    )
}
"""Reconstruction terms by name, the value of the node's parameter."""

KL_FORMULA = r"\beta \, D_{\mathrm{KL}}\big( \mathcal{N}(\mu, \sigma^2) \,\Vert\, \mathcal{N}(0, I) \big)"
