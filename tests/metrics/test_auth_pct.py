import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from pipeline.metrics.auth_pct import AUTH_PCT, authentic
from pipeline.metrics.signature import Unmeasurable
from tests.metrics.made_up import normal, sets_of


def test_an_image_is_authentic_beyond_the_spacing_of_its_nearest_training_image():
    training = np.array([[0.0], [1.0], [10.0]], np.float32)
    generated = np.array([[0.0], [1.9], [-1.1], [5.6], [30.0]], np.float32)
    # The nearest are 0, 1, 0, 10 and 10, whose own nearest others are 1, 1, 1, 9 and 9 away.
    assert authentic(generated, training).tolist() == [False, False, True, False, True]


def test_it_is_the_share_by_scikit_learns_neighbours():
    generated, training = normal(300, (0.5, 0.0)), normal(500, seed=1)
    known = NearestNeighbors(n_neighbors=2).fit(training)
    distances, places = known.kneighbors(generated, n_neighbors=1)
    expected = (distances[:, 0] > known.kneighbors(training)[0][places[:, 0], 1]).mean()
    assert AUTH_PCT.of(sets_of(generated, normal(5), training)).value == pytest.approx(expected)


def test_copies_halve_it_while_held_out_images_are_its_floor():
    training, held_out = normal(500), normal(200, seed=1)
    half = np.concatenate([training[:100], held_out[:100]])
    sets = sets_of(half, held_out, training)
    floor = AUTH_PCT.of(sets.floor(AUTH_PCT.floor))
    assert AUTH_PCT.of(sets).high < floor.low
    assert (floor.generated, floor.real) == (200, 500)


def test_one_training_image_is_too_few():
    with pytest.raises(Unmeasurable, match="two training images"):
        AUTH_PCT.of(sets_of(normal(5), normal(5), normal(1)))
