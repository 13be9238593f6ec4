"""Made-up curves of a healthy GAN, in which each test changes what it is about."""

from collections.abc import Callable
from functools import partial

import pytest

from pipeline.families.adversarial.rules import RULES
from pipeline.health.hint import Hint
from pipeline.health.history import History
from tests.health.made_up import codes_of, made_up, only_hint

USUAL = {"D_loss": 0.6, "G_loss": 2.0, "D_real": 0.78, "D_fake": 0.22, "D_grad_norm": 13.0, "G_grad_norm": 6.0}
"""Values that a convolutional GAN on digits reaches after some hundred steps."""
USUAL_CHECKUP = {
    "diversity": 0.95, "energy_distance": 0.006, "D_train": 0.7, "D_held_out": 0.68, "r_t": 0.5, "dead_units": 0.0,
}  # fmt: skip


@pytest.fixture
def run() -> Callable[..., History]:
    """`run(D_real=0.99, diversity=[0.3, 0.2])`: a healthy history except for these series, passed to `made_up`."""
    return partial(made_up, USUAL, USUAL_CHECKUP, scores="probability")


@pytest.fixture
def codes() -> Callable[[History], list[str]]:
    return lambda history: codes_of(history, RULES)


@pytest.fixture
def only() -> Callable[[History, str], Hint]:
    """`only(history, code)`: its only hint, checked to have this code and to give all its evidence in its text."""
    return lambda history, code: only_hint(history, RULES, code)
