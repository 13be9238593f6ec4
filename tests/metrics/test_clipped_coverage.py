import numpy as np
import pytest
from scipy.stats import betabinom

from pipeline.metrics.clipped_coverage import CLIPPED_COVERAGE, clipped_counts, expected
from tests.metrics.made_up import normal, sets_of


def test_neighbours_are_counted_up_to_k():
    real = np.array([[0.0], [1.0], [3.0], [9.0]], np.float32)
    points = np.array([[0.1], [0.2], [0.3], [3.9], [100.0]], np.float32)
    # With two neighbours, radii are 3, 2, 3 and 8; those of 9 hold 3.9 only.
    assert clipped_counts(real, points, k=2).tolist() == [1, 1, 1, 0.5]


@pytest.mark.parametrize(("points", "centres", "k"), [(40, 30, 5), (3, 100, 5), (200, 20, 3)])
def test_the_expected_value_is_that_of_scipys_beta_binomial(points, centres, k):
    counts = np.arange(points + 1)
    by_scipy = [
        (betabinom.pmf(counts[: m + 1], m, k, centres - k) * np.minimum(counts[: m + 1], k)).sum() / k
        for m in range(points + 1)
    ]
    assert expected(points, centres, k) == pytest.approx(np.array(by_scipy), rel=1e-9, abs=1e-12)


def test_it_is_the_share_of_good_images():
    real, far = normal(1000), normal(1000, (1000.0, 0.0), seed=1)
    for good in (0, 300, 700, 1000):
        mixed = [*normal(1000, seed=2)[:good], *far[good:]]
        assert CLIPPED_COVERAGE.of(sets_of(mixed, real)).value == pytest.approx(good / 1000, abs=0.06)


def test_unequal_numbers_are_calibrated_too():
    assert CLIPPED_COVERAGE.of(sets_of(normal(300), normal(900, seed=1))).value == pytest.approx(1, abs=0.1)
