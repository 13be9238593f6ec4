"""Curves of a run made up for a test: a healthy one, in which a test puts wrong what it is about."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from pipeline.health.hint import Hint
from pipeline.health.history import History
from pipeline.health.judge import hints
from pipeline.runs.measurements import CHECKUP_SERIES
from pipeline.wording import number

STEPS = 1000
EVERY = 50
USUAL = {"D_loss": 0.6, "G_loss": 2.0, "D_real": 0.78, "D_fake": 0.22, "D_grad_norm": 13.0, "G_grad_norm": 6.0}
"""What a convolutional GAN on digits comes to after some hundred steps."""
USUAL_CHECKUP = {"diversity": 0.95, "energy_distance": 0.006, "D_train": 0.7, "D_held_out": 0.68, "r_t": 0.5}


@pytest.fixture
def run() -> Callable[..., History]:
    """`run(D_real=0.99, diversity=[0.3, 0.2])`: a healthy history but for these series.

    A number stands at every step, with a tenth of noise where it is usual; a sequence of a checkup series has one value
    for each of the last checkups, any other one for each of the last steps; None leaves the series out.
    """

    def make(steps: int = STEPS, first: int = 1, scores: str = "probability", every: int = EVERY, **changes: Any):
        random = np.random.default_rng(0)
        series = {name: usual * random.uniform(0.9, 1.1, steps) for name, usual in USUAL.items()}
        series |= {name: _carried(usual, first, steps, every, random) for name, usual in USUAL_CHECKUP.items()}
        series["dead_units"] = _carried(0.0, first, steps, every, random)
        for name, change in changes.items():
            if change is None:
                del series[name]
            elif name in CHECKUP_SERIES and np.ndim(change):
                series[name] = _stretched(np.asarray(change, float), first, steps, every)
            else:
                values = np.broadcast_to(np.asarray(change, float), (steps,)) if not np.ndim(change) else change
                series[name] = np.concatenate([series[name], values])[-steps:] if name in series else values
        return History(np.arange(first, first + steps), series, scores)

    return make


def _carried(usual: float, first: int, steps: int, every: int, random: np.random.Generator) -> np.ndarray:
    """A value for every step since the last multiple of `every`; NaN before the first."""
    checkup = np.arange(first, first + steps) // every
    values = usual * random.uniform(0.98, 1.02, checkup[-1] + 1)
    return np.where(checkup > 0, values[checkup], np.nan)


def _stretched(values: np.ndarray, first: int, steps: int, every: int) -> np.ndarray:
    checkup = np.arange(first, first + steps) // every
    place = len(values) - 1 - (checkup[-1] - checkup)
    return np.where((checkup > 0) & (place >= 0), values[np.maximum(place, 0)], np.nan)


@pytest.fixture
def codes() -> Callable[[History], list[str]]:
    return lambda history: [hint.code for hint in hints(history)]


@pytest.fixture
def only() -> Callable[[History, str], Hint]:
    """`only(history, code)`: its one hint, which has this code and says each number of its evidence in its text."""

    def find(history: History, code: str) -> Hint:
        (hint,) = hints(history)
        assert hint.code == code
        for value in hint.evidence.values():
            assert number(value) in hint.text or f"{value:,.0f}" in hint.text
        for sentence in (hint.text, hint.remedy):
            assert sentence[0].isupper() and sentence.endswith(".") and ". " not in sentence
        return hint

    return find
