import numpy as np
import pytest
from scipy.spatial.distance import cdist
from sklearn.neighbors import NearestNeighbors

from pipeline.metrics.density import DENSITY, neighbourhoods
from tests.metrics.made_up import normal, sets_of


def test_it_counts_the_balls_around_real_images():
    real = np.array([[0.0], [1.0], [3.0]], np.float32)
    points = np.array([[0.5], [3.5], [9.0]], np.float32)
    # With one neighbour, the balls are (-1, 1), (0, 2) and (1, 5).
    assert neighbourhoods(points, real, k=1).tolist() == [2, 1, 0]


def test_it_is_the_mean_by_scikit_learns_neighbours():
    generated, real = normal(300, (1.0, 0.0)), normal(200, seed=1)
    radii = NearestNeighbors(n_neighbors=6).fit(real).kneighbors(real)[0][:, 5]
    expected = (cdist(generated, real) < radii).sum() / 5 / 300
    assert DENSITY.of(sets_of(generated, real)).value == pytest.approx(expected)


def test_real_images_have_about_one():
    assert DENSITY.of(sets_of(normal(2000), normal(2000, seed=1))).value == pytest.approx(1, abs=0.05)
