import numpy as np
import pytest

from pipeline.metrics.clipped_density import CLIPPED_DENSITY, clipped_densities
from pipeline.metrics.density import DENSITY
from tests.metrics.made_up import normal, sets_of


def test_radii_end_at_their_median_and_contributions_at_one():
    real = np.array([[0.0], [1.0], [2.0], [10.0]], np.float32)
    # With one neighbour, radii are 1, 1, 1 and 8; clipped, 1 all.
    values, own = clipped_densities(np.array([[0.5], [9.5], [5.0]], np.float32), real, k=1)
    assert values.tolist() == [1, 1, 0] and own.tolist() == [1, 1, 1, 0]
    assert CLIPPED_DENSITY.of(sets_of(normal(300), normal(200, seed=1))).value == pytest.approx(1, abs=0.1)


def test_it_is_the_share_of_good_images():
    real, far = normal(500), normal(500, (1000.0, 0.0), seed=1)
    for bad in (100, 250, 400):
        mixed = [*normal(500 - bad, seed=2), *far[:bad]]
        assert CLIPPED_DENSITY.of(sets_of(mixed, real)).value == pytest.approx(1 - bad / 500, abs=0.06)


def test_an_outlier_among_the_real_images_makes_bad_ones_no_better():
    real, bad = normal(200), normal(200, (300.0, 0.0), seed=1)
    outlier = np.array([[600.0, 0.0]] * 6, np.float32) + np.arange(6, dtype=np.float32)[:, None] * 100
    sets = sets_of(bad, [*real, *outlier])
    assert CLIPPED_DENSITY.of(sets).value == 0 and DENSITY.of(sets).value > 0.2
