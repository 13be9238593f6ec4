"""The hints on two recorded real runs, and from which step on; `tests/recorded/` holds and describes the runs."""

import numpy as np
import pytest

from tests.recorded.record import hints_on, load


@pytest.fixture(scope="module")
def collapsed():
    return load("collapsed")


def judged(series, steps):
    """The hints after this many steps, by code."""
    return {hint.code: hint for hint in hints_on(series, max(0, steps - 1000), steps)}


def test_the_collapsing_run_gets_no_hint_before_there_are_enough_steps(collapsed):
    assert judged(collapsed, 50) == judged(collapsed, 299) == {}


@pytest.mark.parametrize("steps", [300, 350, 500, 1000, 1500])
def test_from_then_on_it_gets_exactly_the_two_right_hints(collapsed, steps):
    found = judged(collapsed, steps)
    assert list(found) == ["mode-collapse", "vanishing-generator-gradient"]
    assert found["mode-collapse"].severity == "critical"
    assert found["mode-collapse"].evidence["diversity"] < 0.01
    assert found["vanishing-generator-gradient"].evidence["G_grad_norm"] < 1e-3


def test_its_scores_have_no_unit_and_are_not_mistaken_for_a_winning_discriminator(collapsed):
    assert np.median(collapsed["D_real"][-200:]) > 0.95
    assert "discriminator-wins" not in judged(collapsed, 1500)


@pytest.mark.parametrize("steps", range(10, 1501, 70))
def test_the_healthy_run_gets_no_hint(steps):
    assert judged(load("healthy"), steps) == {}
