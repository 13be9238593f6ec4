"""The tiny experiments of the training tests, and helpers for tests of a step."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from pipeline.training.stages import Update
from pipeline.training.state import TrainState
from tests.training.autoencoders import make_autoencoder
from tests.training.conftest import alone, make_experiment, same_bits

__all__ = ["alone", "make_autoencoder", "make_experiment", "same_bits"]


@pytest.fixture
def do() -> Callable[[TrainState, Update], dict[str, Tensor]]:
    """do(state, update): run all stages of one update and return everything they made, graphs included."""

    def run(state: TrainState, update: Update) -> dict[str, Tensor]:
        made: dict[str, Tensor] = {}
        for operation in update.operations:
            made.update(operation.run(state, made))
        return made

    return run


@pytest.fixture
def weights_of() -> Callable[[TrainState, str], list[Tensor]]:
    """weights_of(state, role): copies of a network's weights."""
    return lambda state, role: [parameter.detach().clone() for parameter in state.networks[role].parameters()]


@pytest.fixture
def equal() -> Callable[[list[Tensor], list[Tensor]], bool]:
    """equal(left, right): whether two lists of tensors are bitwise equal."""
    return lambda left, right: all(torch.equal(*pair) for pair in zip(left, right, strict=True))
