import json

import pytest

from pages.components.charts import LINES, specification
from pipeline.studio.curves import GROUPS

LOSS = ("Loss", ("D_loss", "G_loss"), "step", False)


def leaves(value):
    """Every (key, value) anywhere in a specification."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key, inner
            yield from leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner)


def channel(spec, name):
    return next(layer["encoding"][name] for layer in spec["layer"] if name in layer["encoding"])


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize("x", ["step", "epoch", "time"])
@pytest.mark.parametrize("title", GROUPS)
def test_a_specification_holds_no_data_and_stays_the_same(title, x, log):
    arguments = (title, GROUPS[title], x, log)
    first = json.dumps(specification(*arguments))
    found = list(leaves(json.loads(first)))
    assert not {"datasets", "values"} & {key for key, _ in found}
    assert {data["name"] for key, data in found if key == "data" and len(data) == 1} == {"points", "marks"}
    specification.clear()
    assert json.dumps(specification(*arguments)) == first


def test_all_that_a_specification_knows_of_a_run_is_which_metrics_it_has():
    assert "Loss" in json.dumps(specification(*LOSS)["title"])
    assert channel(specification(*LOSS), "color")["scale"]["domain"] == ["D_loss", "G_loss"]


def test_every_metric_has_its_colour_and_the_two_of_a_chart_differ_in_their_dashes_as_well():
    for metrics in GROUPS.values():
        styles = [LINES[metric] for metric in metrics]
        assert len({colour for colour, _ in styles}) == len({tuple(dash) for _, dash in styles}) == len(metrics)
    assert channel(specification(*LOSS), "strokeDash")["scale"]["range"] == [LINES[name][1] for name in LOSS[1]]


def test_a_logarithmic_scale_takes_negative_values():
    scale = channel(specification("Loss", ("D_loss",), "step", True), "y")["scale"]
    assert scale["type"] == "symlog"


@pytest.mark.parametrize(("x", "title"), [("step", "Step"), ("epoch", "Epoch"), ("time", "Training time (s)")])
def test_the_axis_says_what_it_counts(x, title):
    assert channel(specification("Loss", ("D_loss",), x, False), "x")["title"] == title
