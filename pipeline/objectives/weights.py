"""What a network's weights themselves cost, whatever it is shown; and the bound that they may be kept within.

Weights are matrices and kernels. Biases, and the scales and shifts of normalizations, are left alone: they bound
nothing, and shrinking them only makes a network worse (Goodfellow, Bengio & Courville 2016, section 7.1).
"""

from collections.abc import Iterator

import torch
from torch import Tensor, nn


def l1(network: nn.Module) -> Tensor:
    """Σ|w| over all weights, 0-dimensional: pulls each with the same force, so that many come to nearly 0."""
    return torch.stack([weight.abs().sum() for weight in _weights(network)]).sum()


def l2(network: nn.Module) -> Tensor:
    """½·Σw² over all weights, 0-dimensional: the gradient is the weight itself, as in plain weight decay."""
    return torch.stack([weight.square().sum() for weight in _weights(network)]).sum() / 2


@torch.no_grad()
def clip_weights(network: nn.Module, bound: float) -> None:
    """Every parameter into [−bound, bound], in place, biases too: the 1-Lipschitz critic of Arjovsky, Chintala & Bottou
    2017 (arXiv 1701.07875), algorithm 1, up to a factor that depends on the bound."""
    parameters: list[Tensor] = list(network.parameters())
    torch._foreach_clamp_min_(parameters, -bound)
    torch._foreach_clamp_max_(parameters, bound)


def _weights(network: nn.Module) -> Iterator[nn.Parameter]:
    return (parameter for parameter in network.parameters() if parameter.ndim > 1)
