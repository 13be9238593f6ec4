import numpy as np
import pytest

from pipeline.errors.data import ReadingStopped
from pipeline.errors.evaluation import NothingToShow
from pipeline.evaluation.memorisation import memorisation, pixel_distances
from pipeline.metrics.signature import Images, Sets


def on_a_line(*positions, pictured=None):
    """Images with one feature, whose grey value is their position in tenths of the way from black to white."""
    places = np.array(positions, np.float32)
    pixels = np.round(places[:pictured] * 25.5).astype(np.uint8).reshape(-1, 1, 1, 1)
    return Images(places[:, None], pixels)


def ignore(doing, done, total):
    pass


def found_in(generated, held_out, training):
    return memorisation(Sets(generated, held_out, training), ignore)


def test_each_image_stands_beside_its_nearest_training_image():
    found = found_in(on_a_line(1, 9, 4.5), on_a_line(5), on_a_line(0, 4, 10))
    assert found.generated.places.tolist() == [0, 2, 1]
    assert found.generated.distances.tolist() == pytest.approx([1, 1, 0.5])
    assert found.shown.tolist() == [2, 0, 1]


def test_a_copy_is_not_authentic_and_an_image_between_others_is():
    found = found_in(on_a_line(4, 7, 10), on_a_line(5), on_a_line(4, 5, 10))
    assert found.generated.authentic.tolist() == [False, True, False]


def test_held_out_images_are_the_measure():
    found = found_in(on_a_line(0), on_a_line(1, 2, 3), on_a_line(0, 10))
    assert found.usual.median == 2
    assert found.usual.low == pytest.approx(1.1)
    assert found.usual_pixels.median == pytest.approx(0.4)


def test_the_distance_between_pixels_is_0_for_copies_and_2_between_black_and_white():
    black, white = on_a_line(0), on_a_line(10)
    first = np.array([0])
    assert pixel_distances(black, first, black, first).tolist() == [0]
    assert pixel_distances(black, first, white, first).tolist() == [2]


def test_only_pairs_with_kept_pixels_are_shown_but_all_count():
    found = found_in(on_a_line(0, 9, 1, pictured=2), on_a_line(5), on_a_line(0, 10, pictured=1))
    assert found.shown.tolist() == [0]
    assert len(found.generated.authentic) == 3


def test_the_search_can_be_stopped():
    def stop(doing, done, total):
        raise ReadingStopped(doing, done, total)

    with pytest.raises(ReadingStopped, match="finding the nearest training images"):
        memorisation(Sets(on_a_line(1), on_a_line(1), on_a_line(0, 4)), stop)


def test_a_single_training_image_is_too_few():
    with pytest.raises(NothingToShow, match="two training images"):
        found_in(on_a_line(1), on_a_line(1), on_a_line(1))
