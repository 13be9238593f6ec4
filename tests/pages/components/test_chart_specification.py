import json

import pytest

from pages.components.chart_specification import (
    BEFORE,
    BEFORE_WORDS,
    EARLIER,
    LINES,
    SIGNS,
    X_TITLES,
    Y_TITLES,
    specification,
)
from pipeline.studio.curves import FIRST, MORE
from pipeline.studio.marks import HERE, MARKED

GROUPS = {**FIRST, **MORE}
LOSS = ("Loss", ("D_loss", "G_loss"), "step", False)
FORKED = specification(*LOSS, forked=True)


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


def layers(spec, data):
    return [layer for layer in spec["layer"] if layer["data"]["name"] == data]


def data_of(spec):
    return {data["name"] for key, data in leaves(spec) if key == "data" and len(data) == 1}


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize("x", X_TITLES)
@pytest.mark.parametrize("title", ["Loss", "Diversity", "Penalty", "Dead units"])
def test_a_specification_holds_no_data_and_stays_the_same(title, x, log):
    arguments = (title, GROUPS[title], x, log)
    first = json.dumps(specification(*arguments))
    assert not {"datasets", "values"} & {key for key, _ in leaves(json.loads(first)["layer"])}
    assert data_of(json.loads(first)) == {"points", "marks"}
    specification.clear()
    assert json.dumps(specification(*arguments)) == first


def test_all_that_a_specification_knows_of_a_run_is_which_metrics_it_has():
    assert "Loss" in json.dumps(specification(*LOSS)["title"])
    assert channel(specification(*LOSS), "color")["scale"]["domain"] == ["D_loss", "G_loss"]


OF_AUTOENCODERS = {"loss", "grad_norm", "encoder_learning_rate", "decoder_learning_rate"}
"""Metrics that share a chart with those of games, though no run has both."""


def test_every_metric_has_its_colour_and_those_of_a_chart_differ_in_their_dashes():
    for metrics in GROUPS.values():
        games = [metric for metric in metrics if metric not in OF_AUTOENCODERS]
        for together in (games, [metric for metric in metrics if metric in OF_AUTOENCODERS]):
            styles = [LINES[metric] for metric in together]
            assert len({tuple(dash) for _, dash in styles}) == len(together)
    assert channel(specification(*LOSS), "strokeDash")["scale"]["range"] == [LINES[name][1] for name in LOSS[1]]


def test_every_chart_has_a_title_on_its_axis():
    assert GROUPS.keys() == Y_TITLES.keys()


def test_a_logarithmic_scale_takes_negative_values():
    scale = channel(specification("Loss", ("D_loss",), "step", True), "y")["scale"]
    assert scale["type"] == "symlog"


@pytest.mark.parametrize(("x", "title"), [("step", "Step"), ("epoch", "Epoch"), ("time", "Training time (s)")])
def test_the_axis_says_what_it_counts(x, title):
    assert channel(specification("Loss", ("D_loss",), x, False), "x")["title"] == title


def test_what_was_before_a_fork_is_grey_on_the_same_scales_with_its_own_words_in_the_legend():
    assert data_of(FORKED) == {"points", "marks", BEFORE}
    assert layers(FORKED, BEFORE) == FORKED["layer"][:3], "drawn below the lines of the fork"
    band, line, _ = layers(FORKED, BEFORE)
    assert line["encoding"]["color"]["datum"] == BEFORE_WORDS
    scale = line["encoding"]["color"]["scale"]
    assert dict(zip(scale["domain"], scale["range"], strict=True))[BEFORE_WORDS] == EARLIER
    own_band, own_line, _ = layers(FORKED, "points")
    for name in ("x", "y", "strokeDash"):
        assert line["encoding"][name] == own_line["encoding"][name]
    assert band["encoding"]["y"]["scale"] == own_band["encoding"]["y"]["scale"]


def test_a_forks_lines_keep_their_colours():
    domain, colours = (channel(FORKED, "color")["scale"][name] for name in ("domain", "range"))
    assert [*zip(domain, colours, strict=True)][:2] == [("D_loss", "#0072B2"), ("G_loss", "#CC79A7")]


def test_every_kind_of_mark_has_a_dash_and_a_sign_of_its_own():
    assert {*SIGNS} == {*MARKED.values(), HERE}
    for place in (1, 2):
        assert len({str(sign[place]) for sign in SIGNS.values()}) == len(SIGNS)
    rule, sign = layers(specification(*LOSS), "marks")
    for name, layer in (("strokeDash", rule), ("shape", sign)):
        conditions = layer["encoding"][name]["condition"]
        assert len({json.dumps(each["value"]) for each in conditions}) == len(SIGNS)
        assert "scale" not in layer["encoding"][name]
    assert [tip["field"] for tip in rule["encoding"]["tooltip"]] == ["kind", "label"]


def test_a_condition_is_drawn_as_true_or_false_and_never_logarithmically():
    spec = specification("D_loss > 2", ("D_loss > 2",), "step", True, condition=True)
    y = channel(spec, "y")
    assert y["scale"] == {"domain": [0, 1]} and y["axis"]["values"] == [0, 1]
    assert {layer["mark"].get("interpolate") for layer in spec["layer"][:2]} == {"step-after"}


def test_a_watch_has_its_expression_for_a_title_and_no_legend_that_says_it_again():
    expression = "mean(D_loss, 100) - 'odd' \\ <b>"
    spec = specification(expression, (expression,), "step", False)
    assert spec["title"]["text"] == expression
    assert channel(spec, "color")["legend"] is None
    forked = specification(expression, (expression,), "step", False, forked=True)
    assert channel(forked, "color")["legend"]["values"] == [BEFORE_WORDS]
    assert channel(FORKED, "color")["legend"] is not None
