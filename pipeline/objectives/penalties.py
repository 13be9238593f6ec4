"""Penalties: terms of the discriminator's loss that hold it back, each on the gradient of its scores by its input."""

import torch
from torch import Tensor, nn


def gradient_penalty(network: nn.Module, real: Tensor, fake: Tensor, generator: torch.Generator) -> Tensor:
    """E[(‖∇D(x̂)‖₂ − 1)²] with x̂ = ε·x + (1 − ε)·x̃ and one ε ~ U[0, 1] for each pair.

    The two-sided penalty of WGAN-GP, Gulrajani et al. 2017 (arXiv 1704.00028), equation 3; λ is left to the caller.
    Computed in float32 whatever autocast says, since a half-precision norm of many small gradients loses them. The
    generated images are constants here: no gradient goes back to the generator.
    """
    with torch.autocast(real.device.type, enabled=False):
        shape = (len(real), *(1 for _ in real.shape[1:]))
        epsilon = torch.rand(shape, generator=generator, device=real.device)  # (B, 1, 1, 1)
        between = torch.lerp(fake.detach().float(), real.detach().float(), epsilon).requires_grad_()
        (slopes,) = torch.autograd.grad(network(between).sum(), between, create_graph=True)  # (B, C, H, W)
        norms: Tensor = slopes.flatten(1).norm(dim=1)  # (B,)
        return (norms - 1).square().mean()
