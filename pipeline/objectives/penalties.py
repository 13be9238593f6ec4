"""Penalties: terms of the discriminator's loss that hold it back, each on the gradient of its scores by its input.

All are computed in float32 whatever autocast says, since a half-precision norm of many small gradients loses them.
Images are constants here: no gradient goes back to the generator. Each penalty is one of every image by itself, so the
discriminator must not mix the images of a batch, as batch normalization does.
"""

import torch
from torch import Tensor, nn

from pipeline.objectives.signature import Penalized


def gradient_penalty(network: nn.Module, real: Tensor, fake: Tensor, generator: torch.Generator) -> Penalized:
    """E[(‖∇D(x̂)‖₂ − 1)²] with x̂ = ε·x + (1 − ε)·x̃ and one ε ~ U[0, 1] for each pair.

    The two-sided penalty of WGAN-GP, Gulrajani et al. 2017 (arXiv 1704.00028), equation 3; λ is left to the caller.
    """
    shape = (len(real), *(1 for _ in real.shape[1:]))
    epsilon = torch.rand(shape, generator=generator, device=real.device)  # (B, 1, 1, 1)
    gradients = _gradients_at(network, torch.lerp(fake.detach().float(), real.detach().float(), epsilon))
    norms: Tensor = gradients.norm(dim=1)  # (B,)
    return Penalized((norms - 1).square().mean(), norms.detach().mean())


def r1(network: nn.Module, real: Tensor, fake: Tensor, generator: torch.Generator) -> Penalized:
    """½·E[‖∇D(x)‖₂²] on real images, Mescheder et al. 2018 (arXiv 1801.04406); γ is left to the caller.

    With the ½ inside, the weight is that paper's γ and R3GAN's (arXiv 2501.05441), whose losses add γ/2·E[‖∇D‖²].
    """
    return _half_square(_gradients_at(network, real))


def r2(network: nn.Module, real: Tensor, fake: Tensor, generator: torch.Generator) -> Penalized:
    """½·E[‖∇D(x̃)‖₂²] on generated images, from the same paper; see `r1`."""
    return _half_square(_gradients_at(network, fake))


def _half_square(gradients: Tensor) -> Penalized:
    """½·E[‖·‖²] of gradients (B, N), from the squares themselves: the root's slope is not defined where they are 0."""
    squares = gradients.square().sum(dim=1)  # (B,)
    return Penalized(squares.mean() / 2, squares.detach().sqrt().mean())


def _gradients_at(network: nn.Module, images: Tensor) -> Tensor:
    """∇D at each image (B, C, H, W), as (B, C·H·W) float32 that can be differentiated by the weights."""
    with torch.autocast(images.device.type, enabled=False):
        points = images.detach().float().requires_grad_()
        (gradients,) = torch.autograd.grad(network(points).sum(), points, create_graph=True)
        return gradients.flatten(1)
