import pytest

from pipeline.metrics.coverage import COVERAGE
from tests.metrics.made_up import normal, sets_of


def test_its_expected_value_for_real_images_is_known_in_closed_form():
    """Naeem et al. 2020: 1 − Π (N − i) / (N + M − i) over i = 1 … k, about 1 − ½⁵ for N = M."""
    n = m = 2000
    missed = 1.0
    for i in range(1, 6):
        missed *= (n - i) / (n + m - i)
    assert COVERAGE.of(sets_of(normal(m), normal(n, seed=1))).value == pytest.approx(1 - missed, abs=0.015)


def test_bad_images_cover_nothing_and_hide_nothing():
    real, far = normal(200), normal(200, (1000.0, 0.0), (500.0, 500.0), seed=1)
    assert COVERAGE.of(sets_of(far, real)).value == 0
    good = normal(200, seed=2)
    assert COVERAGE.of(sets_of([*good, *far], real)).value == COVERAGE.of(sets_of(good, real)).value
