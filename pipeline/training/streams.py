"""The random numbers of images that people look at: every image has a stream of its own.

A stream is keyed by the seed, the number of the image and the draw, so image i of a seed is the same for every count,
batch and order, also where a sampler draws again on the way. Philox (Salmon et al. 2011, "Parallel random numbers: as
easy as 1, 2, 3") is made for that: a counter and a key are all its state. It runs on the CPU, so that the noise is the
same on every device.

Runs that were made before streams drew the noise of all images at once; their grids keep it (`together`), so that a
film strip does not jump. Training itself draws its batches from a stream of the whole run and knows nothing of this.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

import numpy as np
import torch
from torch import Tensor

WORD = 2**64


@dataclass(frozen=True)
class Streams:
    """The streams of some images. numbers: of the images, from 0. device: where what is drawn is put.

    together: draw as runs did before there were streams, all images of a `count` at once from one stream.
    """

    seed: int
    numbers: tuple[int, ...]
    device: torch.device
    together: bool = False
    count: int = 0

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, places: slice) -> "Streams":
        """The streams of these images, which go on to draw what they would have drawn among the others."""
        return Streams(self.seed, self.numbers[places], self.device, self.together, self.count)

    def normal(self, shape: Sequence[int], draw: int = 0) -> Tensor:
        """(N, *shape) float32 from the standard normal distribution, on the device.

        draw: which draw of a stream it is; the same one gives the same numbers again. A sampler that draws at each of
        its steps counts them.
        """
        if self.together:
            random = torch.Generator(self.device).manual_seed(self.seed + draw)
            return torch.randn(self.count, *shape, generator=random, device=self.device)[list(self.numbers)]
        size = prod(shape)
        drawn = np.empty((len(self.numbers), size), np.float32)
        for row, number in zip(drawn, self.numbers, strict=True):
            # The lowest word of the counter is Philox's own, which counts the numbers that are drawn.
            key = np.array([self.seed % WORD, number], np.uint64)
            bits = np.random.Philox(key=key, counter=np.array([0, draw, 0, 0], np.uint64))
            np.random.Generator(bits).standard_normal(size, np.float32, row)
        return torch.from_numpy(drawn).reshape(len(drawn), *shape).to(self.device)


def streams(
    seed: int, count: int, device: torch.device | str = "cpu", *, first: int = 0, together: bool = False
) -> Streams:
    """The streams of images `first` to `first + count − 1` of a seed."""
    return Streams(seed, tuple(range(first, first + count)), torch.device(device), together, first + count)
