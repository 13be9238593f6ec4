"""Batches of random images, and a generator with the same random numbers in every test."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

MakeImages = Callable[..., Tensor]


@pytest.fixture
def generator() -> torch.Generator:
    return torch.Generator().manual_seed(0)


@pytest.fixture
def images() -> MakeImages:
    """images(count, channels, height, width): in [-1, 1], channels last in memory like training batches."""

    def make(count: int = 6, channels: int = 1, height: int = 8, width: int = 8) -> Tensor:
        values = torch.rand(count, channels, height, width, generator=torch.Generator().manual_seed(1))
        return (values * 2 - 1).contiguous(memory_format=torch.channels_last)

    return make
