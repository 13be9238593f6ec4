"""Networks between two steps: run without touching their training."""

from collections.abc import Iterator
from contextlib import contextmanager

from torch import nn

BATCH = 256
"""Images made at once; keeps the memory for a large count bounded."""


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
