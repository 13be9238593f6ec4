"""The tiny experiments of the tests of training, and what is asked of a step in them."""

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
    """do(state, update): runs all stages of one update; everything that they made, graphs included."""

    def run(state: TrainState, update: Update) -> dict[str, Tensor]:
        made: dict[str, Tensor] = {}
        for operation in update.operations:
            made.update(operation.run(state, made))
        return made

    return run


@pytest.fixture
def weights_of() -> Callable[[TrainState, str], list[Tensor]]:
    """weights_of(state, role): copies of the weights of a network."""
    return lambda state, role: [parameter.detach().clone() for parameter in state.networks[role].parameters()]


@pytest.fixture
def equal() -> Callable[[list[Tensor], list[Tensor]], bool]:
    """Whether two lists of tensors are the same to the last bit."""
    return lambda left, right: all(torch.equal(*pair) for pair in zip(left, right, strict=True))
