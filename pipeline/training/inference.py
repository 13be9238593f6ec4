"""Run networks between two steps without affecting their training.

Custom code runs here too, so this is checked rather than trusted.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import nn

Networks = Mapping[str, nn.Module]
"""By role."""

BATCH = 256
"""The most images made at once, a power of two; bounds the memory for a large count."""


@contextmanager
def eval_mode(*networks: nn.Module) -> Iterator[None]:
    """Context in eval mode (no dropout, no batch statistics, each image independent); restores the modes on exit.

    Raises RuntimeError if code inside has changed a weight or a buffer; the state must then be restored.
    """
    modes = {module: module.training for network in networks for module in network.modules()}
    before = _versions(networks)
    for module in modes:
        module.training = False
    try:
        with preserved_random_state(*networks):
            yield
    finally:
        for module, mode in modes.items():
            module.training = mode
    if _versions(networks) != before:
        raise RuntimeError("it changed the weights of a network, which it must only read here.")


@contextmanager
def preserved_random_state(*networks: nn.Module) -> Iterator[None]:
    """Context that restores torch's global random state, which dropout uses in training, on exit."""
    devices = {weight.device for network in networks for weight in network.parameters() if weight.is_cuda}
    with torch.random.fork_rng(devices=list(devices)):
        yield


def _versions(networks: Iterable[nn.Module]) -> list[int]:
    """Torch's version counters of all weights and buffers, which grow with every write in place."""
    return [
        tensor._version
        for network in networks
        for tensors in (network.parameters(), network.buffers())
        for tensor in tensors
    ]


@contextmanager
def preserved_statistics(networks: Iterable[nn.Module]) -> Iterator[None]:
    """Context that restores the buffers of these networks on exit, unless it raises: a forward pass in training mode
    changes the statistics of batch normalization, also of networks that are not updated."""
    statistics = [(buffer, buffer.clone()) for network in networks for buffer in network.buffers()]
    yield
    for buffer, before in statistics:
        buffer.copy_(before)
