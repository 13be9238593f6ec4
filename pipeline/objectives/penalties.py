"""Gradient penalties: terms of the discriminator's loss that depend on the gradient of its scores with respect to its
input.

All are computed in float32, even under autocast, since a norm of many small gradients underflows in half precision.
Images are constants here: no gradient flows back to the generator. Each penalty applies to every image separately, so
the discriminator must not mix the images of a batch, as batch normalization does.
"""

import torch
from torch import Tensor
from torch.nn.functional import relu

from pipeline.objectives.signature import PenaltyResult, Score
from pipeline.ranks.drawing import ranks_of, uniform
from pipeline.ranks.ranks import Ranks


def gradient_penalty(score: Score, real: Tensor, fake: Tensor, generator: torch.Generator) -> PenaltyResult:
    """E[(‖∇D(x̂)‖₂ − 1)²] with x̂ = ε·x + (1 − ε)·x̃ and one ε ~ U[0, 1] for each pair.

    The two-sided penalty of WGAN-GP, Gulrajani et al. 2017 (arXiv 1704.00028), equation 3; the caller multiplies by λ.
    """
    norms = _input_gradients(score, _interpolate(real, fake, generator)).norm(dim=1)  # (B,)
    return PenaltyResult((norms - 1).square().mean(), norms.detach().mean())


def one_sided_gradient_penalty(score: Score, real: Tensor, fake: Tensor, generator: torch.Generator) -> PenaltyResult:
    """E[max(0, ‖∇D(x̂)‖₂ − 1)²] at the points of `gradient_penalty`: gradient norms below 1 are not penalised.

    WGAN-LP, Petzka, Fischer & Lukovnikov 2018 (arXiv 1709.08894): 1-Lipschitz functions may be flatter.
    """
    norms = _input_gradients(score, _interpolate(real, fake, generator)).norm(dim=1)  # (B,)
    return PenaltyResult(relu(norms - 1).square().mean(), norms.detach().mean())


def dragan(score: Score, real: Tensor, fake: Tensor, generator: torch.Generator) -> PenaltyResult:
    """E[(‖∇D(x + δ)‖₂ − 1)²] around real images, δ = ½·std(x)·u with one u ~ U[0, 1] for each pixel.

    Kodali et al. 2017 (arXiv 1705.07215), with the noise of the authors' code and its k = 1: std(x) is taken over all
    pixels of the batch.
    """
    real = real.detach().float()
    noise = uniform(real.shape, generator, real.device)
    norms = _input_gradients(score, real + _deviation(real, ranks_of(generator)) / 2 * noise).norm(dim=1)  # (B,)
    return PenaltyResult((norms - 1).square().mean(), norms.detach().mean())


def r1(score: Score, real: Tensor, fake: Tensor, generator: torch.Generator) -> PenaltyResult:
    """½·E[‖∇D(x)‖₂²] on real images, Mescheder et al. 2018 (arXiv 1801.04406); the caller multiplies by γ.

    With the ½ included, the weight is γ of that paper and of R3GAN (arXiv 2501.05441), whose losses add γ/2·E[‖∇D‖²].
    """
    return _half_square(_input_gradients(score, real))


def r2(score: Score, real: Tensor, fake: Tensor, generator: torch.Generator) -> PenaltyResult:
    """½·E[‖∇D(x̃)‖₂²] on generated images, from the same paper; see `r1`."""
    return _half_square(_input_gradients(score, fake))


def _interpolate(real: Tensor, fake: Tensor, generator: torch.Generator) -> Tensor:
    """A point (B, C, H, W) on the line between each real image and its generated one, float32."""
    shape = (len(real), *(1 for _ in real.shape[1:]))
    epsilon = uniform(shape, generator, real.device)  # (B, 1, 1, 1)
    return torch.lerp(fake.detach().float(), real.detach().float(), epsilon)


def _deviation(images: Tensor, ranks: Ranks) -> Tensor:
    """The standard deviation of all pixels of the batch, of which each process has a share of the same size."""
    if ranks.alone:
        return images.std()
    mean = ranks.mean(images.mean())
    count = images.numel() * ranks.count
    return (ranks.mean((images - mean).square().mean()) * count / (count - 1)).sqrt()


def _half_square(gradients: Tensor) -> PenaltyResult:
    """½·E[‖·‖²] of gradients (B, N), computed without a root, whose derivative is undefined at 0."""
    squares = gradients.square().sum(dim=1)  # (B,)
    return PenaltyResult(squares.mean() / 2, squares.detach().sqrt().mean())


def _input_gradients(score: Score, images: Tensor) -> Tensor:
    """∇D at each image (B, C, H, W), as (B, C·H·W) float32, differentiable with respect to the weights."""
    with torch.autocast(images.device.type, enabled=False):
        points = images.detach().float().requires_grad_()
        (gradients,) = torch.autograd.grad(score(points).sum(), points, create_graph=True)
        return gradients.flatten(1)
