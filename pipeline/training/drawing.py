"""Images from a network between two steps, without touching its training."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from pipeline.data.images import to_array, to_pixels
from pipeline.training.coding import Coding
from pipeline.training.parts import RealImages

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


def draw_images(
    network: nn.Module,
    draw_latents: Callable[[int, torch.Generator], Tensor],
    count: int,
    seed: int,
    device: torch.device,
) -> NDArray[np.uint8]:
    """(count, H, W, C) uint8 of random latents; the same seed gives the same images.

    Random numbers come from a generator of their own and batch normalization uses what it has gathered, so drawing in
    the middle of training changes nothing.
    """
    return images_of(network, draw_latents(count, torch.Generator(device).manual_seed(seed)))


@torch.no_grad()
def images_of(network: nn.Module, latents: Tensor) -> NDArray[np.uint8]:
    """Latents (N, dim) -> (N, H, W, C) uint8 from the network at rest."""
    with at_rest(network):
        images = torch.cat([to_pixels(network(batch)) for batch in torch.split(latents, BATCH)])
    return to_array(images)


@torch.no_grad()
def codes_of(coding: Coding, networks: Mapping[str, nn.Module], images: Tensor) -> Tensor:
    """Images (N, C, H, W) in [-1, 1] -> their codes (N, dim) from the networks at rest."""
    with at_rest(*networks.values()):
        return torch.cat([coding.codes(networks, batch) for batch in torch.split(images, BATCH)])


def originals(images: RealImages, count: int) -> Tensor:
    """(count, C, H, W) in [-1, 1]: `to_reconstruct` in its order, from the first again where there are fewer."""
    shown = images.to_reconstruct
    return shown.batch(torch.arange(count, device=shown.device) % shown.count)
