"""Small images and modules of somebody's own."""

from collections.abc import Callable

import pytest
import torch
from sklearn.datasets import load_digits
from torch import Tensor, nn

SETTINGS = ("noise.dim=8", "training.batch_size=16", "training.device=cpu", "samples.count=4", "samples.every=10")


def maker() -> nn.Sequential:
    """Eight numbers to an image of 8×8, flat."""
    torch.manual_seed(1)
    return nn.Sequential(nn.Linear(8, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Linear(32, 64), nn.Tanh())


def scorer() -> nn.Sequential:
    torch.manual_seed(2)
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 32), nn.LeakyReLU(0.2), nn.Dropout(0.3), nn.Linear(32, 1))


@pytest.fixture(autouse=True)
def _threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """One thread for everybody: which count is fastest is measured, and sums in another order differ in last bits."""
    monkeypatch.setattr("pipeline.engine.launching.best_thread_count", lambda home: 1)


@pytest.fixture(scope="session")
def images() -> Tensor:
    return torch.tensor(load_digits().images[:400, None] / 16)


@pytest.fixture
def modules() -> Callable[[], dict[str, nn.Module]]:
    """`modules()`: a new pair, the same each time."""
    return lambda: {"generator": maker(), "discriminator": scorer()}
