"""Spectral normalization: every weight divided by its largest singular value, so that no layer stretches distances.

Miyato et al. 2018 (arXiv 1802.05957). The singular value is followed by one step of power iteration in every forward
pass of training mode; the vectors of that iteration belong to the network's state.
"""

import torch
from torch import nn
from torch.nn.utils.parametrizations import spectral_norm

NORMALIZED = (nn.Linear, nn.Conv2d, nn.ConvTranspose2d, nn.Embedding)
"""Layers with a weight that is a linear map; the embedding of a projection is one of the one-hot class."""


def with_spectral_norm(network: nn.Module, seed: int) -> nn.Module:
    """The same network, changed in place: the weight of every linear map and convolution is normalized when it is used.

    `seed` alone decides where the power iteration begins; the state of the random numbers outside is left as it was.
    What the optimizer moves is then called `parametrizations.weight.original` in the state, beside the iteration's two
    vectors. In eval mode nothing changes.
    """
    device = next(network.parameters()).device
    # On the CPU, whose generator alone is seeded and kept: so the same seed begins alike on every device. A network
    # without values, on the meta device, cannot come there.
    network = network if device.type == "meta" else network.cpu()
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        for layer in [module for module in network.modules() if isinstance(module, NORMALIZED)]:
            spectral_norm(layer)
    return network.to(device)
