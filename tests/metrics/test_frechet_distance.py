import numpy as np
import pytest
from scipy.linalg import sqrtm

from pipeline.metrics.frechet_distance import FRECHET_DISTANCE, squared_distance
from tests.metrics.made_up import normal, sets_of


def exact(mean, width):
    """Features whose mean and covariance are exactly these."""
    base = normal(500, [0.0] * len(mean), [1.0] * len(mean)).astype(np.float64)
    base -= base.mean(0)
    base = np.linalg.solve(np.linalg.cholesky(np.cov(base.T)), base.T).T
    return np.array(mean) + base * width


def test_the_distance_of_independent_dimensions_is_its_closed_form():
    """For diagonal covariances, d² = Σ (m₁ − m₂)² + (s₁ − s₂)²."""
    one, other = exact([0.0, 1.0], [1.0, 2.0]), exact([3.0, 1.0], [3.0, 1.0])
    assert squared_distance(one, other) == pytest.approx(9 + 4 + 1)
    assert squared_distance(one, one) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("counts", [(60, 50), (60, 6), (6, 60), (5, 6)])
def test_it_is_that_of_scipys_matrix_root_also_of_fewer_images_than_dimensions(counts):
    one, other = (normal(count, [0.0] * 8, range(1, 9), seed) for seed, count in enumerate(counts))
    covariances = [np.cov(each.T.astype(np.float64)) for each in (one, other)]
    # A root of a singular matrix needs a little on its diagonal.
    root = sqrtm(covariances[0] @ covariances[1] + 1e-14 * np.eye(8)).real
    expected = np.square(one.mean(0) - other.mean(0)).sum() + sum(map(np.trace, covariances)) - 2 * np.trace(root)
    assert squared_distance(one, other) == pytest.approx(expected, rel=1e-5)


def test_it_is_symmetric_and_the_same_in_every_orthogonal_basis():
    one, other = normal(400, [0.0, 1.0, 2.0], [1.0, 2.0, 3.0]), normal(300, [1.0] * 3, [2.0, 1.0, 1.0], 1)
    turned = np.linalg.qr(np.random.default_rng(2).normal(size=(3, 3)))[0]
    found = squared_distance(one, other)
    assert squared_distance(other, one) == pytest.approx(found)
    assert squared_distance(one @ turned, other @ turned) == pytest.approx(found)


def test_features_that_do_not_vary_have_a_distance():
    assert squared_distance(np.zeros((3, 2)), np.ones((3, 2))) == pytest.approx(2)
    assert squared_distance(np.zeros((30, 2)), np.ones((30, 2))) == pytest.approx(2)


@pytest.mark.parametrize(("counts", "widest"), [((4000, 3000), 1.2), ((300, 200), 2), ((300, 20), 2), ((20, 25), 2)])
def test_its_error_is_that_of_other_images_from_the_same_distributions(counts, widest):
    """With few images it is too wide, never too narrow."""
    found = []
    for seed in range(0, 60, 2):
        one, other = (normal(count, [2.0 * i] * 30, range(1, 31), seed + i) for i, count in enumerate(counts))
        found.append(FRECHET_DISTANCE.of(sets_of(one, other)))
    error = np.mean([each.high - each.value for each in found]) / 1.96
    assert 0.8 < error / np.std([each.value for each in found]) < widest
