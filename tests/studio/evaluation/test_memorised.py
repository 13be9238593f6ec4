"""The warning before a run with copies is shared, only where the numbers allow it."""

from dataclasses import replace

import pytest

from pipeline.runs import evaluations
from pipeline.runs.evaluations import Evaluation, Result, Way
from pipeline.studio.evaluation.memorised import memorised, memorised_by, warning_before_sharing

WAY = Way("ema", 0, 1000, "mnist-5k", "aa", "Digits", "0123456789ab", "bilinear to 28×28")


def evaluation(value, floor=0.66, step=4, **facts):
    result = Result(value, floor=floor, generated=1000, real=4500)
    return Evaluation("20261122-140501-3fa9c2d1", step, WAY, 500, 4500, True, {"auth_pct": result}, **facts)


def test_half_copies_are_a_warning_with_both_shares():
    found = memorised(340, 1000, 330, 500)
    assert "34.0% of 1,000 samples" in found and "66.0% of 500 held-out images" in found
    assert "before you share the run" in found


@pytest.mark.parametrize(
    ("generated", "held_out"),
    [((660, 1000), (330, 500)), ((950, 1000), (330, 500)), ((5, 10), (330, 500)), ((0, 0), (0, 0))],
)
def test_as_many_copies_as_held_out_images_or_too_few_images_to_tell_are_no_warning(generated, held_out):
    assert memorised(*generated, *held_out) == ""


def test_the_difference_counts_that_its_interval_allows():
    """Wilson's intervals: 0.60 ± 0.0302 of 1,000 and 0.66 ± 0.0414 of 500, so ± 0.0512 of the difference."""
    assert not memorised(610, 1000, 330, 500)
    assert memorised(608, 1000, 330, 500)


def test_an_evaluation_on_another_set_or_without_authpct_says_nothing_of_copies():
    assert memorised_by(evaluation(0.34))
    assert not memorised_by(replace(evaluation(0.34), own=False))
    assert not memorised_by(evaluation(None)) and not memorised_by(evaluation(0.34, floor=None))
    assert not memorised_by(replace(evaluation(0.34), results={}))


def test_the_evaluation_of_the_nearest_step_warns_and_says_which_it_was(store, new_run):
    files = store.files(new_run().id)
    assert warning_before_sharing(files, 4) == ""
    for each in (evaluation(0.7, step=2), evaluation(0.34, step=10)):
        evaluations.save(files, each)
    assert warning_before_sharing(files, 3) == ""
    assert "34.0%" in warning_before_sharing(files, 10) and "measured at" not in warning_before_sharing(files, 10)
    assert warning_before_sharing(files, 400).endswith("That was measured at step 10.")
