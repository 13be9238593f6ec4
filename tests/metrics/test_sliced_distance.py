import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from pipeline.metrics import sliced_distance as module
from pipeline.metrics.sliced_distance import DIRECTIONS, SLICED_DISTANCE, directions, sliced_distance, transport_costs
from tests.metrics.made_up import normal, sets_of


def best_matching(one, other):
    costs = (one[:, None] - other[None]) ** 2
    return costs[linear_sum_assignment(costs)].mean()


@pytest.mark.parametrize(("n", "m"), [(12, 12), (12, 8), (5, 7), (1, 3)])
def test_along_a_line_it_is_the_best_matching_also_of_unequal_numbers(n, m):
    """Repeating every value until there are as many of both changes neither distribution."""
    random = np.random.default_rng(0)
    one, other = random.normal(size=(3, n)), random.normal(size=(3, m))
    expected = [best_matching(np.repeat(a, m), np.repeat(b, n)) for a, b in zip(one, other, strict=True)]
    assert transport_costs(one, other) == pytest.approx(expected)


def test_a_shift_costs_about_three_times_its_squared_length():
    features = normal(200, [0.0] * 8, [1.0] * 8)
    moved = features + np.float32(0.5)
    found = sliced_distance(features, moved, directions(8, DIRECTIONS, 0))
    assert found == pytest.approx(3 * 8 * 0.25, rel=0.1)


def test_directions_are_spread_evenly_over_the_sphere():
    lines = directions(5, 20_000, 0)
    assert np.linalg.norm(lines, axis=1) == pytest.approx(np.ones(20_000))
    assert lines.T @ lines / 20_000 == pytest.approx(np.eye(5) / 5, abs=0.01)


def test_memory_is_bounded_without_changing_the_value(monkeypatch):
    one, other = normal(30), normal(20, seed=1)
    before = SLICED_DISTANCE.of(sets_of(one, other)).value
    monkeypatch.setattr(module, "AT_ONCE", 100)
    assert SLICED_DISTANCE.of(sets_of(one, other)).value == pytest.approx(before, rel=1e-12)


def test_its_interval_holds_the_value_of_other_images_from_the_same_distributions():
    found = SLICED_DISTANCE.of(sets_of(normal(400, (1.0, 0.0)), normal(400, seed=1)))
    again = SLICED_DISTANCE.of(sets_of(normal(400, (1.0, 0.0), seed=2), normal(400, seed=3)))
    assert found.low < again.value < found.high
    assert found.high - found.low < found.value
