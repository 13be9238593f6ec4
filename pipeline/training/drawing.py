"""Images from a generator, without touching its training."""

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from pipeline.data.images import to_pixels

BATCH = 256
"""Images made at once; keeps the memory for a large count bounded."""


@torch.no_grad()
def draw_images(
    network: nn.Module,
    draw_latents: Callable[[int, torch.Generator], Tensor],
    count: int,
    seed: int,
    device: torch.device,
) -> NDArray[np.uint8]:
    """(count, H, W, C) uint8 from the network in eval mode; the same seed gives the same images.

    Random numbers come from a generator of their own and batch normalization uses what it has gathered, so drawing in
    the middle of training changes nothing.
    """
    random = torch.Generator(device).manual_seed(seed)
    latents = draw_latents(count, random)
    was_training = network.training
    network.eval()
    try:
        images = torch.cat([to_pixels(network(batch)) for batch in torch.split(latents, BATCH)])
    finally:
        network.train(was_training)
    pixels: NDArray[np.uint8] = images.permute(0, 2, 3, 1).cpu().contiguous().numpy()
    return pixels
