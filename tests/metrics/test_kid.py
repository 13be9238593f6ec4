import numpy as np
import pytest
from sklearn.metrics.pairwise import polynomial_kernel

from pipeline.metrics import kid
from pipeline.metrics.kid import KID, kernel_distance
from tests.metrics.made_up import normal, sets_of


@pytest.mark.parametrize("at_once", [2**22, 50])
def test_it_is_the_unbiased_estimate_with_scikit_learns_kernel(at_once, monkeypatch):
    monkeypatch.setattr(kid, "AT_ONCE", at_once)
    one, other = normal(30, [1.0] * 4, [1.0] * 4), normal(20, [0.0] * 4, [2.0] * 4, seed=1)

    def mean(rows, others, apart=0):
        kernel = polynomial_kernel(rows, others, degree=3, gamma=1 / 4, coef0=1)
        return kernel[np.eye(*kernel.shape) == 0].mean() if apart else kernel.mean()

    expected = mean(one, one, 1) + mean(other, other, 1) - 2 * mean(one, other)
    assert kernel_distance(one, other) == pytest.approx(expected, rel=1e-6)


def test_the_interval_of_real_images_holds_zero_in_nearly_all_draws():
    held = 0
    for seed in range(40):
        found = KID.of(sets_of(normal(100, seed=2 * seed), normal(100, seed=2 * seed + 1)))
        held += found.low < 0 < found.high
    assert held >= 35


def test_four_images_of_each_kind_are_enough():
    found = KID.of(sets_of(normal(4), normal(4, seed=1)))
    assert np.isfinite([found.value, found.low, found.high]).all()
