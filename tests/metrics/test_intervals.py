import numpy as np
import pytest
from scipy.stats import binomtest

from pipeline.metrics.intervals import (
    around,
    error_by_resampling,
    error_of_function,
    error_of_mean,
    of_share,
)
from pipeline.metrics.signature import Unmeasurable


@pytest.mark.parametrize("hits", [0, 1, 250, 500])
def test_the_interval_of_a_share_is_wilsons(hits):
    expected = binomtest(hits, 500).proportion_ci(method="wilson")
    assert of_share(np.arange(500) < hits) == pytest.approx((expected.low, expected.high), abs=1e-6)


def test_the_closed_form_of_a_mean_is_what_resampling_finds():
    values = np.random.default_rng(0).exponential(size=400)
    assert error_by_resampling(lambda i: values[i].mean(), 400, seed=0) == pytest.approx(error_of_mean(values), rel=0.2)


def test_resamples_of_fewer_images_give_the_error_of_all():
    values = np.random.default_rng(0).exponential(size=4000)
    found = error_by_resampling(lambda i: values[i].mean(), 4000, seed=0, most=400)
    assert found == pytest.approx(error_of_mean(values), rel=0.2)


def test_the_error_of_a_difference_of_means_adds_both_variances():
    one, other = np.random.default_rng(0).normal(size=300), np.random.default_rng(1).normal(size=100)
    expected = np.hypot(error_of_mean(one), error_of_mean(other))
    assert error_of_function(one, -other) == pytest.approx(expected)


def test_an_interval_stays_within_what_the_metric_can_be():
    assert around(0.1, 1.0, most=1.0) == (0, 1)


def test_an_error_that_is_not_a_number_is_refused():
    with pytest.raises(Unmeasurable, match="so few images: draw more"):
        error_by_resampling(lambda i: float("nan"), 3, seed=0)
