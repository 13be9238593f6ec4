"""Small images and user-defined modules."""

from collections.abc import Callable

import pytest
import torch
from sklearn.datasets import load_digits
from torch import Tensor, nn

SETTINGS = ("noise.dim=8", "training.batch_size=16", "training.device=cpu", "samples.count=4", "samples.every=10")


def maker() -> nn.Sequential:
    """A generator from 8 latents to a flat image of 8×8 pixels."""
    torch.manual_seed(1)
    return nn.Sequential(nn.Linear(8, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Linear(32, 64), nn.Tanh())


def scorer() -> nn.Sequential:
    torch.manual_seed(2)
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 32), nn.LeakyReLU(0.2), nn.Dropout(0.3), nn.Linear(32, 1))


@pytest.fixture(autouse=True)
def _threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fix one thread: runs are compared with others, and sums in another order differ in the last bits."""
    monkeypatch.setattr("pipeline.engine.run_records.thread_count", lambda *_: 1)


@pytest.fixture(scope="session")
def images() -> Tensor:
    return torch.tensor(load_digits().images[:400, None] / 16)


@pytest.fixture
def modules() -> Callable[[], dict[str, nn.Module]]:
    """`modules()`: a new generator and discriminator with the same weights each time."""
    return lambda: {"generator": maker(), "discriminator": scorer()}
