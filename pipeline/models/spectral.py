"""Spectral normalization: divides every weight by its largest singular value, so that no layer stretches distances.

Miyato et al. 2018 (arXiv 1802.05957). The singular value is tracked by one step of power iteration in every forward
pass in training mode; the vectors of the iteration are part of the network's state.
"""

import torch
from torch import nn
from torch.nn.utils.parametrizations import spectral_norm

NORMALIZED = (nn.Linear, nn.Conv2d, nn.ConvTranspose2d, nn.Embedding)
"""Layers whose weight is a linear map; the embedding of a projection is a linear map of the one-hot class."""


def with_spectral_norm(network: nn.Module, seed: int) -> nn.Module:
    """Normalize the weight of every linear map and convolution of the network, in place; returns the network.

    The start of the power iteration depends on `seed` alone; the global random state is preserved. In the state dict,
    the weights that the optimizer updates are then called `parametrizations.weight.original`, next to the two vectors
    of the iteration. In eval mode these vectors stay fixed.
    """
    device = next(network.parameters()).device
    # On the CPU, so that the same seed gives the same start on every device; only the CPU's generator is seeded and
    # restored. A network on the meta device has no values and cannot be moved.
    network = network if device.type == "meta" else network.cpu()
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        for layer in [module for module in network.modules() if isinstance(module, NORMALIZED)]:
            spectral_norm(layer)
    return network.to(device)
