import numpy as np
import pytest

from pipeline.errors.evaluation import NothingToShow
from pipeline.evaluation.failures import failures
from pipeline.metrics.signature import Images, Sets


def on_a_line(*positions, certainty=None, pictured=None):
    """Images with one feature. certainty: the probability of the first of three classes; the others share the rest."""
    places = np.array(positions, np.float32)[:, None]
    known = None
    if certainty is not None:
        first = np.array(certainty, np.float32)
        known = np.stack([first, (1 - first) / 2, (1 - first) / 2], 1)
    return Images(places, np.zeros((len(places[:pictured]), 1, 1, 1), np.uint8), known)


REAL = on_a_line(0, 1, 2, 3, 4)


def test_the_distance_is_that_from_the_third_nearest_held_out_image():
    found = failures(Sets(on_a_line(2, 0, 10), REAL, REAL))
    assert found.distances.tolist() == pytest.approx([1, 2, 8])
    # From the others: 3, 2, 2, 2, 3.
    assert found.usual == pytest.approx(2)


def test_the_least_and_the_most_typical_images_come_first_in_their_lists():
    found = failures(Sets(on_a_line(2, 0, 10), REAL, REAL))
    assert found.ordered("least typical").tolist() == [2, 1, 0]
    assert found.ordered("most typical").tolist() == [0, 1, 2]


def test_an_image_of_which_no_class_has_half_the_probability_is_unclaimed_the_least_certain_first():
    found = failures(Sets(on_a_line(0, 1, 2, 3, certainty=[0.9, 0.4, 0.5, 0.35]), REAL, REAL))
    assert found.ordered("unclaimed").tolist() == [3, 1]
    assert found.likeliest.tolist() == [0, 0, 0, 0]
    assert found.unclaimed == 0.5


def test_the_share_of_unclaimed_held_out_images_is_the_measure():
    found = failures(Sets(on_a_line(0, certainty=[1]), on_a_line(0, 1, 2, 3, certainty=[1, 1, 1, 0.4]), REAL))
    assert (found.unclaimed, found.unclaimed_held_out) == (0, 0.25)


def test_only_images_whose_pixels_are_kept_are_listed():
    found = failures(Sets(on_a_line(2, 0, 10, certainty=[0.4, 0.4, 0.4], pictured=2), REAL, REAL))
    assert found.ordered("least typical").tolist() == [1, 0]
    assert found.ordered("unclaimed").tolist() == [0, 1]


def test_features_without_classes_are_named_as_the_reason():
    with pytest.raises(NothingToShow, match="choose digits or own as features"):
        failures(Sets(on_a_line(0), REAL, REAL)).ordered("unclaimed")


def test_three_held_out_images_are_too_few():
    with pytest.raises(NothingToShow, match="4 held-out images"):
        failures(Sets(on_a_line(0), on_a_line(0, 1, 2), REAL))
