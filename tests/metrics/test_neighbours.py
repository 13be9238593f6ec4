import numpy as np
import pytest
from scipy.spatial.distance import cdist
from sklearn.neighbors import NearestNeighbors

from pipeline.metrics import neighbours
from pipeline.metrics.neighbours import nearest, squared_distances, squared_radii
from tests.metrics.made_up import normal


@pytest.fixture(params=[2**22, 100], ids=["one block", "many blocks"])
def _at_once(request, monkeypatch):
    monkeypatch.setattr(neighbours, "AT_ONCE", request.param)


ONE = normal(60, mean=[100.0] * 5, width=[1.0] * 5)
OTHER = normal(40, mean=[100.0] * 5, width=[1.0] * 5, seed=1)


@pytest.mark.usefixtures("_at_once")
def test_distances_are_scipys_in_any_number_of_blocks():
    assert squared_distances(ONE, OTHER) == pytest.approx(cdist(ONE, OTHER) ** 2, rel=1e-9)
    places, distances = nearest(ONE, OTHER)
    assert places.tolist() == cdist(ONE, OTHER).argmin(1).tolist()
    assert distances == pytest.approx(cdist(ONE, OTHER).min(1) ** 2)


@pytest.mark.usefixtures("_at_once")
def test_radii_are_scikit_learns_and_leave_out_the_image_itself():
    expected = NearestNeighbors(n_neighbors=4).fit(ONE).kneighbors(ONE)[0][:, 3]
    assert np.sqrt(squared_radii(ONE, 3)) == pytest.approx(expected)


@pytest.mark.usefixtures("_at_once")
def test_copies_are_at_distance_zero_and_near_copies_at_their_own():
    far = ONE * 1000
    assert nearest(far, far)[1].tolist() == [0] * len(far)
    moved = far.astype(np.float64)
    moved[:, 0] += 1e-3
    assert nearest(moved, far)[1] == pytest.approx(1e-6)


def test_images_that_are_all_the_same_are_neighbours_of_each_other():
    assert squared_radii(np.full((50, 3), 7.3, np.float32), 3).tolist() == [0] * 50
