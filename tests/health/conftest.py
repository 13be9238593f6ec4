"""A run of a fictional family: a painter and a judge, updated together, with one loss and one gradient norm."""

from collections.abc import Callable
from functools import partial

import pytest

from pipeline.health.history import History
from tests.health.made_up import made_up


@pytest.fixture
def run() -> Callable[..., History]:
    """`run(loss=[nan])`: a healthy history with these changes, as for `made_up`."""
    return partial(
        made_up,
        {"loss": 2.0, "grad_norm": 6.0},
        {"diversity": 0.95, "energy_distance": 0.006, "dead_units": 0.0},
    )
