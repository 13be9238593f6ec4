"""Metrics have the words of their charts."""

import pytest

from pipeline.runs.series import Chart, Series
from pipeline.studio.comparison.metric_titles import (
    in_charts_order,
    metric_about,
    metric_heading,
    metric_title,
    of_training,
)


@pytest.mark.parametrize(
    ("name", "title", "heading"),
    [
        ("diversity", "Diversity", "Diversity"),
        ("energy_distance", "Distance to real images", "Distance"),
        ("G_loss", "Loss: G_loss", "G_loss"),
        ("seconds", "Seconds of training so far", "Seconds of training so far"),
        ("of_another_node", "of_another_node", "of_another_node"),
    ],
)
def test_a_metric_is_called_like_its_chart_and_by_its_name_where_charts_are_shared(name, title, heading):
    assert (metric_title(name), metric_heading(name)) == (title, heading)


def test_a_metric_that_a_workflow_declares_is_called_so():
    assert metric_title("penalty", Series("penalty", "how steep", Chart("Steepness", "loss"))) == "Steepness"


def test_what_a_metric_means_is_a_sentence_with_its_unit():
    assert metric_about("energy_distance") == "Distance of samples from real images, in energy distance."


def test_metrics_of_most_runs_come_first_and_those_of_the_clock_last():
    counts = {"seconds": 2, "energy_distance": 2, "of_another_node": 2, "G_loss": 1, "diversity": 2}
    ordered = in_charts_order(counts, counts)
    assert ordered == ["diversity", "energy_distance", "of_another_node", "G_loss", "seconds"]
    assert of_training(ordered) == ordered[:-1]
