import numpy as np
import pytest
from scipy.stats import wasserstein_distance

from pipeline.metrics.wasserstein_distance import MOST, WASSERSTEIN_DISTANCE, match
from tests.metrics.made_up import normal, sets_of


def test_in_one_dimension_it_is_scipys():
    one, other = normal(80, [1.0], [2.0]), normal(80, [0.0], [1.0], seed=1)
    found = WASSERSTEIN_DISTANCE.of(sets_of(one, other))
    assert found.value == pytest.approx(wasserstein_distance(one[:, 0], other[:, 0]), rel=1e-6)
    assert found.low < found.value < found.high


def test_copies_in_another_order_are_at_distance_zero():
    features = normal(50)
    assert WASSERSTEIN_DISTANCE.of(sets_of(features[::-1], features)).value == pytest.approx(0, abs=1e-6)


def test_as_many_of_each_are_matched_but_no_more_than_can_be_at_once():
    found = WASSERSTEIN_DISTANCE.of(sets_of(normal(30), normal(20)))
    assert (found.generated, found.real) == (20, 20)
    assert match(normal(30), normal(20), 10, 0)[2] == 10 < MOST


def test_its_error_is_that_of_other_images():
    pairs = [(normal(60, (2.0, 0.0), seed=2 * seed), normal(60, seed=2 * seed + 1)) for seed in range(20)]
    found = [WASSERSTEIN_DISTANCE.of(sets_of(*pair)) for pair in pairs]
    error = np.mean([each.high - each.value for each in found]) / 1.96
    assert error == pytest.approx(np.std([each.value for each in found]), rel=0.4)
