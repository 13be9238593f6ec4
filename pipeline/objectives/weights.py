"""Penalties on a network's weights, and weight clipping.

The penalties apply to matrices and kernels. Biases, and the scales and shifts of normalizations, are left out:
penalising them hardly regularises and only makes a network worse (Goodfellow, Bengio & Courville 2016, section 7.1).
"""

from collections.abc import Iterator

import torch
from torch import Tensor, nn


def l1(network: nn.Module) -> Tensor:
    """Σ|w| over all weights, 0-dimensional: pulls each with the same force, so many become nearly 0."""
    return torch.stack([weight.abs().sum() for weight in _weights(network)]).sum()


def l2(network: nn.Module) -> Tensor:
    """½·Σw² over all weights, 0-dimensional: the gradient is the weight itself, as in plain weight decay."""
    return torch.stack([weight.square().sum() for weight in _weights(network)]).sum() / 2


@torch.no_grad()
def clip_weights(network: nn.Module, bound: float) -> None:
    """Clamp every parameter, biases included, to [−bound, bound] in place.

    Arjovsky, Chintala & Bottou 2017 (arXiv 1701.07875), algorithm 1: the critic is then K-Lipschitz for a constant K
    that depends on the bound.
    """
    parameters: list[Tensor] = list(network.parameters())
    torch._foreach_clamp_min_(parameters, -bound)
    torch._foreach_clamp_max_(parameters, bound)


def _weights(network: nn.Module) -> Iterator[nn.Parameter]:
    return (parameter for parameter in network.parameters() if parameter.ndim > 1)
