"""What is said of the two recorded real runs, and from when on; `tests/recorded/` holds them and says what they are."""

import numpy as np
import pytest

from tests.recorded.record import hints_on, load


@pytest.fixture(scope="module")
def collapsed():
    return load("collapsed")


def judged(series, steps):
    """The hints after so many steps, by their codes."""
    return {hint.code: hint for hint in hints_on(series, max(0, steps - 1000), steps)}


def test_nothing_is_said_of_the_collapsing_run_before_it_can_be_judged(collapsed):
    assert judged(collapsed, 50) == judged(collapsed, 299) == {}


@pytest.mark.parametrize("steps", [300, 350, 500, 1000, 1500])
def test_from_then_on_both_things_that_are_wrong_with_it_are_said_and_nothing_else(collapsed, steps):
    found = judged(collapsed, steps)
    assert list(found) == ["mode-collapse", "vanishing-generator-gradient"]
    assert found["mode-collapse"].severity == "critical"
    assert found["mode-collapse"].evidence["diversity"] < 0.01
    assert found["vanishing-generator-gradient"].evidence["G_grad_norm"] < 1e-3


def test_its_scores_have_no_unit_and_are_not_taken_for_a_discriminator_that_wins(collapsed):
    assert np.median(collapsed["D_real"][-200:]) > 0.95
    assert "discriminator-wins" not in judged(collapsed, 1500)


@pytest.mark.parametrize("steps", range(10, 1501, 70))
def test_the_healthy_run_is_left_in_peace(steps):
    assert judged(load("healthy"), steps) == {}
