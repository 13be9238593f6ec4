import numpy as np
import pytest
from scipy.spatial.distance import cdist
from sklearn.neighbors import NearestNeighbors

from pipeline.metrics.precision import PRECISION, inside
from pipeline.metrics.signature import Unmeasurable
from tests.metrics.made_up import normal, sets_of


def test_points_within_the_ball_to_the_third_neighbour_are_inside_its_border_included():
    real = np.array([[0.0], [1.0], [2.0], [3.0]], np.float32)
    points = np.array([[-3.0], [-3.1], [6.0], [6.1], [1.5]], np.float32)
    assert inside(points, real).tolist() == [True, False, True, False, True]


def test_it_is_the_share_by_scikit_learns_neighbours():
    generated, real = normal(300, (1.0, 0.0), (2.0, 1.0)), normal(200, seed=1)
    radii = NearestNeighbors(n_neighbors=4).fit(real).kneighbors(real)[0][:, 3]
    expected = (cdist(generated, real) <= radii).any(1).mean()
    found = PRECISION.of(sets_of(generated, real))
    assert found.value == pytest.approx(expected) and 0.3 < found.value < 0.9
    assert (found.generated, found.real) == (300, 200)


def test_too_few_held_out_images_are_refused():
    with pytest.raises(Unmeasurable, match="at least 1 generated and 4 held-out images, not 5 and 3"):
        PRECISION.of(sets_of(normal(5), normal(3)))
    with pytest.raises(Unmeasurable, match="No images are held out"):
        PRECISION.of(sets_of(normal(5), normal(0)))
