"""Differences between evaluations, in words only where their intervals allow it."""

from dataclasses import replace

import pytest

from pipeline.errors.evaluation import DifferentWays
from pipeline.metrics.registry import METRICS
from pipeline.runs.evaluations import Evaluation, Result, Way
from pipeline.studio.evaluation import tables
from pipeline.studio.evaluation.comparing import compare
from pipeline.studio.evaluation.words import doubts

WAY = Way("ema", 0, 1000, "mnist-5k", "aa", "Digits", "0123456789ab", "bilinear to 28×28")


def evaluation(**results):
    return Evaluation("20261122-140501-3fa9c2d1", 4, WAY, 500, 4500, True, results)


def result(value, half=0.0, floor=0.5):
    return Result(value, value - half, value + half, floor, 1000, 500)


def words(first, other, name="frechet_distance"):
    (row,) = compare([evaluation(**{name: first}), evaluation(**{name: other})])
    return row.differences[0]


def test_a_difference_inside_the_interval_is_not_put_into_words():
    found = words(result(10, 3), result(14, 4))
    assert (found.value, found.low, found.high) == (4, -1, 9)
    assert (found.words, found.better) == ("No clear difference.", None)


def test_a_difference_outside_the_interval_says_which_is_better():
    assert words(result(10, 3), result(20, 4)).words == "Higher by 10: worse."
    assert words(result(20, 3), result(10, 4)).words == "Lower by 10: better."
    assert words(result(0.2, 0.03), result(0.3, 0.04), "precision").words == "Higher by 10.0 points: better."


def test_what_should_be_near_real_images_is_judged_by_its_floor():
    assert words(result(0.9, 0.01), result(0.6, 0.01), "auth_pct").better is True
    assert words(result(0.6, 0.01), result(0.2, 0.01), "auth_pct").better is False
    assert words(result(0.6, 0.01, None), result(0.2, 0.01), "auth_pct").better is None


def test_without_an_interval_nothing_is_said():
    found = words(Result(10.0), result(20, 1))
    assert (found.low, found.words) == (None, "No interval to tell.")


def test_a_metric_that_judges_a_network_of_the_run_is_never_compared():
    found = words(result(0.9, 0.01), result(0.5, 0.01), "scoring_auc")
    assert (found.words, found.better) == ("Not compared: it judges the run's own network too.", None)


def test_precision_far_above_clipped_density_is_doubted():
    assert "Trust clipped density" in doubts(evaluation(precision=result(0.5), clipped_density=result(0.02)))
    assert doubts(evaluation(precision=result(0.5), clipped_density=result(0.4))) == ""
    assert doubts(evaluation(precision=result(0.1), clipped_density=result(0.0))) == ""
    assert doubts(evaluation(precision=result(0.5))) == ""


def test_what_only_one_side_has_is_shown_without_a_difference():
    rows = compare([evaluation(precision=result(0.5)), evaluation(recall=result(0.5), ssim=Result(None, reason="x"))])
    assert [(row.metric.name, row.differences) for row in rows] == [
        ("precision", (None,)),
        ("recall", (None,)),
        ("ssim", (None,)),
    ]


@pytest.mark.parametrize("changed", [{"seed": 1}, {"count": 10}, {"content": "bb"}, {"digest": "ba9876543210"}])
def test_evaluations_of_different_ways_are_not_compared(changed):
    other = replace(evaluation(), way=replace(WAY, **changed))
    with pytest.raises(DifferentWays, match="Evaluate them in the same way"):
        compare([evaluation(), other])


def test_raw_and_averaged_weights_can_be_compared():
    assert compare([evaluation(), replace(evaluation(), way=replace(WAY, weights="raw"))]) == ()


def test_the_table_has_a_column_for_each_side():
    rows = compare([evaluation(precision=result(0.5, 0.1)), evaluation(precision=result(0.9, 0.1))])
    table = tables.comparison(rows, "ABC").to_pydict()
    assert table == {
        "Metric": ["↑ " + METRICS["precision"].title],
        "A": ["50.0% (40.0% to 60.0%)"],
        "B": ["90.0% (80.0% to 100.0%)"],
        "Floor": ["50.0%"],
        "B beside A": ["Higher by 40.0 points: better."],
    }
