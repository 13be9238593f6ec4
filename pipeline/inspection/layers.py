"""The layers of a network, by the names that people see, and a network at rest for as long as somebody looks at it."""

from collections.abc import Iterator
from contextlib import contextmanager

from torch import nn

RESHAPING = (nn.Flatten, nn.Unflatten, nn.Identity)
"""Layers that return what they were given: measuring or drawing them would only repeat the layer before."""


def layers(network: nn.Module) -> list[tuple[str, nn.Module]]:
    """(name, module) of every layer that computes something, e.g. ("3 Conv2d", module), in the order of the network.

    A layer is a module that has no others inside, or that has parameters of its own.
    """
    return [
        (f"{path} {type(module).__name__}".lstrip(), module)
        for path, module in network.named_modules()
        if not isinstance(module, RESHAPING)
        and (not any(True for _ in module.children()) or any(True for _ in module.parameters(recurse=False)))
    ]


@contextmanager
def at_rest(*networks: nn.Module) -> Iterator[None]:
    """In eval mode inside: nothing random, no statistics gathered, each image by itself. Afterwards as it was."""
    modes = {module: module.training for network in networks for module in network.modules()}
    for module in modes:
        module.training = False
    try:
        yield
    finally:
        for module, mode in modes.items():
            module.training = mode
