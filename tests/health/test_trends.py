"""Trend tests, compared with scipy and closed forms."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from pipeline.health.trends import mann_kendall, periodicity, theil_sen

few = st.lists(st.integers(-5, 5), min_size=4, max_size=25).map(lambda values: np.array(values, float))


@given(few)
def test_mann_kendall_equals_kendalls_tau_against_time(values):
    score = mann_kendall(values)
    p = stats.kendalltau(np.arange(len(values)), values, method="asymptotic").pvalue if len(set(values)) > 1 else 1.0
    later, earlier = np.tril_indices(len(values), -1)
    s = np.sign(values[later] - values[earlier]).sum()
    if abs(s) <= 1:
        assert score == 0
    else:
        # scipy makes no continuity correction.
        assert 2 * stats.norm.sf(abs(score * s / (s - np.sign(s)))) == pytest.approx(p, rel=1e-6)
        assert np.sign(score) == np.sign(s)


@given(few)
def test_theil_sen_equals_scipys_line(values):
    first, last = theil_sen(values)
    slope, intercept, *_ = stats.theilslopes(values, np.arange(len(values)))
    assert (first, last) == pytest.approx((intercept, intercept + slope * (len(values) - 1)))


def test_the_score_of_noise_is_standard_normal():
    random = np.random.default_rng(0)
    scores = np.array([mann_kendall(random.normal(size=10)) for _ in range(4000)])
    assert (scores > 2.33).mean() == pytest.approx(0.01, abs=0.006)


@pytest.mark.parametrize("period", [12, 40, 95])
def test_the_period_of_a_wave_on_a_slope_is_found(period):
    steps = np.arange(400)
    values = 3 + 0.01 * steps + np.sin(2 * np.pi * steps / period + 1)
    found = periodicity(values, 100)
    assert found.period == pytest.approx(period, abs=2)
    # The last period of the 400 values has no counterpart one period later.
    assert found.strength == pytest.approx(1 - period / 400, abs=0.07)


def test_a_series_that_is_not_periodic_has_no_period():
    steps = np.arange(400.0)
    assert periodicity(np.full(400, 2.0), 100) is None
    assert periodicity(2 * steps, 100) is None or periodicity(2 * steps, 100).strength < 0.5
    slow = periodicity(np.cos(2 * np.pi * steps / 1000), 100)
    assert slow is None or slow.strength < 0.5
