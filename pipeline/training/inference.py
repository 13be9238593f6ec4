"""Networks between two steps: run without touching their training.

Code of somebody's own is run here too, which may do what it should not: it is held to that, or does not get through.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import nn

Networks = Mapping[str, nn.Module]
"""By role."""

BATCH = 256
"""Images made at once; keeps the memory for a large count bounded."""


@contextmanager
def at_rest(*networks: nn.Module) -> Iterator[None]:
    """In eval mode inside: nothing random, no statistics gathered, each image by itself. Afterwards as it was.

    Raises RuntimeError where something inside has changed a weight or a statistic: the state is then good only for
    being restored.
    """
    modes = {module: module.training for network in networks for module in network.modules()}
    before = _versions(networks)
    for module in modes:
        module.training = False
    try:
        with own_random(*networks):
            yield
    finally:
        for module, mode in modes.items():
            module.training = mode
    if _versions(networks) != before:
        raise RuntimeError("it changed the weights of a network where it was only to look.")


@contextmanager
def own_random(*networks: nn.Module) -> Iterator[None]:
    """Torch's global random numbers, which dropout draws from in training, are afterwards what they were before."""
    devices = {weight.device for network in networks for weight in network.parameters() if weight.is_cuda}
    with torch.random.fork_rng(devices=list(devices)):
        yield


def _versions(networks: Iterable[nn.Module]) -> list[int]:
    """Torch counts how often a tensor was written to."""
    return [
        tensor._version
        for network in networks
        for tensors in (network.parameters(), network.buffers())
        for tensor in tensors
    ]
