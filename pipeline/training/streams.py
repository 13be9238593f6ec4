"""The random numbers of sampled images: every image has its own stream.

A stream is keyed by the seed, the image number and the draw, so image i of a seed is the same for every count, batch
and order, even if a sampler draws again in later steps. Philox (Salmon et al. 2011, "Parallel random numbers: as easy
as 1, 2, 3") suits this: its whole state is a counter and a key. It runs on the CPU, so the noise is the same on every
device.

Runs older than this scheme drew the noise of all images at once; their grids still do (`together`), so that the images
of a film strip do not change between steps. Training draws its noise from one random number generator per run instead.
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
    """The streams of some images. numbers: numbers of the images, from 0. device: device of the drawn tensors.

    together: draw for all `count` images at once from one random number generator, as runs did before streams.
    """

    seed: int
    numbers: tuple[int, ...]
    device: torch.device
    together: bool = False
    count: int = 0

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, places: slice) -> "Streams":
        """The streams of these images, each of which draws the same numbers as in `self`."""
        return Streams(self.seed, self.numbers[places], self.device, self.together, self.count)

    def take(self, places: Sequence[int]) -> "Streams":
        """The streams of the images at these places, in this order; a place may occur several times."""
        return Streams(self.seed, tuple(self.numbers[i] for i in places), self.device, self.together, self.count)

    def normal(self, shape: Sequence[int], draw: int = 0) -> Tensor:
        """(N, *shape) float32 from the standard normal distribution, on the device.

        draw: number of the draw; equal numbers give equal values. A sampler that draws in each of its steps must count
        its draws.
        """
        if self.together:
            random = torch.Generator(self.device).manual_seed(self.seed + draw)
            return torch.randn(self.count, *shape, generator=random, device=self.device)[list(self.numbers)]
        size = prod(shape)
        drawn = np.empty((len(self.numbers), size), np.float32)
        for row, number in zip(drawn, self.numbers, strict=True):
            # Philox uses the lowest word of the counter to count the numbers drawn.
            key = np.array([self.seed % WORD, number], np.uint64)
            bits = np.random.Philox(key=key, counter=np.array([0, draw, 0, 0], np.uint64))
            np.random.Generator(bits).standard_normal(size, np.float32, row)
        return torch.from_numpy(drawn).reshape(len(drawn), *shape).to(self.device)

    def labels(self, classes: int, label: int | None = None) -> Tensor:
        """(N,) int64, the class of each image, on the device: `label`, or else every class in turn, by number."""
        numbers = torch.tensor(self.numbers, device=self.device)
        return numbers % classes if label is None else torch.full_like(numbers, label)


def streams(
    seed: int, count: int, device: torch.device | str = "cpu", *, first: int = 0, together: bool = False
) -> Streams:
    """The streams of images `first` to `first + count − 1` of a seed."""
    return Streams(seed, tuple(range(first, first + count)), torch.device(device), together, first + count)
