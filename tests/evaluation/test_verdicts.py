import numpy as np
import pytest

from pipeline.errors.evaluation import NothingToShow
from pipeline.evaluation.verdicts import verdicts
from pipeline.metrics.signature import Images, Sets


def images(scores=None, pictured=None):
    """Images of a single pixel with these scores, the first `pictured` of them with their pixels."""
    count = len(scores or (0,))
    pixels = np.zeros((count if pictured is None else pictured, 1, 1, 1), np.uint8)
    known = None if scores is None else np.array(scores, np.float32)
    return Images(np.zeros((count, 1), np.float32), pixels, scores=known)


def judged(generated, held_out, training, **facts):
    return verdicts(Sets(images(generated), images(held_out), images(training), **facts))


def test_scores_above_zero_are_the_verdict_real_where_scores_are_logits():
    found = judged([-1, 2, 0], [3, -0.5], [1, 1], probability=True)
    assert found.generated.tolist() == [False, False, True, True, True]
    assert found.right.tolist() == [True, False, True, False, True]
    assert found.taken_for_real == {"training": 1.0, "held-out": 0.5, "generated": pytest.approx(1 / 3)}


def test_other_scores_have_the_threshold_that_best_separates_training_images_from_generated_ones():
    found = judged([10, 11, 12], [11.5, 21], [20, 21, 22])
    assert found.threshold == 16
    assert found.right.tolist() == [False, True, True, True, True]


def test_the_image_that_it_is_most_wrong_about_comes_first():
    found = judged([-1, 2, 0.5], [3, -5], [1, 1], probability=True)
    in_order = [(bool(found.generated[at]), int(found.places[at])) for at in found.ordered("most wrong")]
    assert in_order == [(False, 1), (True, 1), (True, 2), (True, 0), (False, 0)]


def test_images_of_one_kind_are_sorted_by_score():
    found = judged([-1, 2, 0.5], [3, -5], [1, 1], probability=True)
    assert found.scores[found.ordered("highest score")].tolist() == [3, 2, 0.5, -1, -5]
    assert found.places[found.ordered("lowest score", "generated")].tolist() == [0, 2, 1]
    assert found.scores[found.ordered("most wrong", "real")].tolist() == [-5, 3]


def test_only_images_whose_pixels_are_kept_are_shown_but_all_count():
    found = verdicts(Sets(images([1, 1, -1], pictured=1), images([1]), images([1]), probability=True))
    assert found.generated.tolist() == [False, True]
    assert found.taken_for_real["generated"] == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("scores", "advice"),
    [
        (None, "failures instead"),
        ([np.nan], "earlier step"),
        ([np.inf], "earlier step"),
    ],
)
def test_without_finite_scores_a_sentence_says_what_to_do(scores, advice):
    with pytest.raises(NothingToShow, match=advice):
        judged(scores, [1], [1])
