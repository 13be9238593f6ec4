import json

import pytest

from pages.components.run.chart_legend import TOGGLE
from pages.components.run.chart_specification import BEFORE, BEFORE_WORDS, SIGNS, X_TITLES, specification
from pages.components.run.chart_zoom import SENT
from pages.components.shell.palette import DASHES, EARLIER, lines_of, plain_line
from pipeline.families.family import FAMILIES
from pipeline.runs.series import DEAD_UNITS, DIVERSITY
from pipeline.studio.charts.chart_annotations import HERE, MARKED

LINES = lines_of([FAMILIES.series[name] for name in ("D_loss", "G_loss")])
LOSS = ("Loss", "loss", LINES, "step", False)
FORKED = specification(*LOSS, forked=True)


def leaves(value):
    """Every (key, value) in a specification, at any depth."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key, inner
            yield from leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner)


def channel(spec, name):
    return next(layer["encoding"][name] for layer in spec["layer"] if name in layer.get("encoding", {}))


def layers(spec, data):
    return [layer for layer in spec["layer"] if layer["data"]["name"] == data]


def data_of(spec):
    return {data["name"] for key, data in leaves(spec) if key == "data" and len(data) == 1}


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize("x", X_TITLES)
@pytest.mark.parametrize("series", [DIVERSITY, DEAD_UNITS, FAMILIES.series["D_loss"]])
def test_a_specification_contains_no_data_and_is_deterministic(series, x, log):
    arguments = (series.chart.title, series.unit, lines_of([series]), x, log)
    first = json.dumps(specification(*arguments))
    assert not {"datasets", "values"} & {key for key, _ in leaves(json.loads(first)["layer"])}
    assert data_of(json.loads(first)) == {"points", "readout", "marks", "view"}
    specification.clear()
    assert json.dumps(specification(*arguments)) == first


def test_a_specification_contains_the_title_and_the_metrics():
    assert "Loss" in json.dumps(specification(*LOSS)["title"])
    assert channel(specification(*LOSS), "color")["scale"]["domain"] == ["D_loss", "G_loss"]


def test_lines_have_the_given_colours_and_dashes():
    assert channel(specification(*LOSS), "color")["scale"]["range"] == ["#0072B2", "#CC79A7"]
    assert channel(specification(*LOSS), "strokeDash")["scale"]["range"] == [DASHES["solid"], DASHES["dashed"]]


def test_the_vertical_axis_shows_the_unit():
    assert channel(specification("KL divergence", "nats per image", LINES, "step", False), "y")["title"] == (
        "nats per image"
    )


def test_a_logarithmic_scale_has_decades():
    y = channel(specification("Loss", "loss", LINES[:1], "step", True), "y")
    assert y["scale"]["type"] == "log" and y["scale"]["nice"]
    assert "LN10" in y["axis"]["labelExpr"]


def test_shares_are_in_percent():
    y = channel(specification("Dead units", "share", LINES[:1], "step", False, percent=True), "y")
    assert y["axis"]["format"] == "~%"


def test_the_ends_of_the_axes_are_data_so_that_zooming_and_clipping_change_no_specification():
    x, y = (channel(specification(*LOSS), name)["scale"] for name in "xy")
    for scale, ends in ((x, ("x0", "x1")), (y, ("y0", "y1"))):
        for end, name in zip(("domainMin", "domainMax"), ends, strict=True):
            assert f"data('view')[0].{name}" in scale[end]["expr"]
    assert x["nice"] is False and x["zero"] is False


def test_a_drag_and_double_clicks_are_sent_and_nothing_else():
    (readout,) = layers(specification(*LOSS), "readout")
    assert {*SENT} < {each["name"] for each in readout["params"]}
    everything = [each["name"] for layer in specification(*LOSS)["layer"] for each in layer.get("params", ())]
    assert len(everything) == len(set(everything))


def test_the_readout_has_all_lines():
    (readout,) = layers(specification(*LOSS), "readout")
    assert [tip["title"] for tip in readout["encoding"]["tooltip"]] == ["Step", "D_loss", "G_loss"]
    # A screen reader would otherwise read out every step before it comes to the lines.
    assert readout["mark"]["aria"] is False


def test_a_click_on_the_legend_fades_a_line_and_its_entry():
    band, line = layers(specification(*LOSS), "points")
    assert band["params"] == [TOGGLE]
    for layer in (band, line):
        assert layer["encoding"]["opacity"]["condition"] == {
            "param": "hidden", "empty": False, "value": layer["encoding"]["opacity"]["condition"]["value"],
        }  # fmt: skip
        assert "hidden" in layer["encoding"]["color"]["legend"]["encoding"]["symbols"]["opacity"]["condition"]["test"]


@pytest.mark.parametrize(
    ("names", "columns"), [(("D_loss", "G_loss"), (0, 0)), (("D_train", "D_held_out"), (0, 2)),
                           (("reconstruction", "held_out_reconstruction"), (0, 1)),
                           (("reconstruction", "held_out_reconstruction", "mean_image_error"), (2, 1))],
)  # fmt: skip
def test_a_legend_that_is_too_long_for_one_row_has_columns(names, columns):
    lines = lines_of([FAMILIES.series[name] for name in names])
    found = [
        channel(specification("Chart", "", lines, "step", False, narrow=narrow), "color")["legend"]["columns"]
        for narrow in (False, True)
    ]
    assert tuple(found) == columns


def test_measurements_are_steps_and_other_lines_are_not():
    measured = specification("Diversity", "d", lines_of([DIVERSITY], ["diversity"]), "step", False)
    _, line, dots = layers(measured, "points")
    assert line["mark"]["interpolate"] == "step-after" and dots["mark"]["filled"]
    assert layers(specification(*LOSS), "points")[1]["mark"]["interpolate"] == "linear"


@pytest.mark.parametrize(
    ("x", "title"), [("step", "Step"), ("epoch", "Epoch"), ("images", "Images seen"), ("time", "Training time (s)")]
)
def test_the_horizontal_axis_has_a_title(x, title):
    assert channel(specification("Loss", "loss", LINES[:1], x, False), "x")["title"] == title


def test_lines_before_a_fork_are_grey_on_the_same_scales_with_one_legend_entry():
    assert data_of(FORKED) == {"points", "readout", "marks", "view", BEFORE}
    assert layers(FORKED, BEFORE) == FORKED["layer"][3:5], "else a click on the legend would hide no line"
    band, line = layers(FORKED, BEFORE)
    assert line["encoding"]["color"]["datum"] == BEFORE_WORDS
    scale = line["encoding"]["color"]["scale"]
    assert dict(zip(scale["domain"], scale["range"], strict=True))[BEFORE_WORDS] == EARLIER
    own_band, own_line = layers(FORKED, "points")
    for name in ("x", "y", "strokeDash"):
        assert line["encoding"][name] == own_line["encoding"][name]
    assert band["encoding"]["y"]["scale"] == own_band["encoding"]["y"]["scale"]


def test_a_forks_lines_keep_their_colours():
    domain, colours = (channel(FORKED, "color")["scale"][name] for name in ("domain", "range"))
    assert [*zip(domain, colours, strict=True)][:2] == [("D_loss", "#0072B2"), ("G_loss", "#CC79A7")]


def test_every_kind_of_mark_has_a_distinct_dash_and_sign():
    assert {*SIGNS} == {*MARKED.values(), HERE}
    for place in (1, 2):
        assert len({str(sign[place]) for sign in SIGNS.values()}) == len(SIGNS)
    rule, sign = layers(specification(*LOSS), "marks")
    for name, layer in (("strokeDash", rule), ("shape", sign)):
        conditions = layer["encoding"][name]["condition"]
        assert len({json.dumps(each["value"]) for each in conditions}) == len(SIGNS)
        assert "scale" not in layer["encoding"][name]
    assert [tip["field"] for tip in rule["encoding"]["tooltip"]] == ["kind", "label"]


def test_a_condition_is_drawn_as_true_or_false_and_not_logarithmically():
    spec = specification("a > 2", "value", (plain_line("a > 2"),), "step", True, condition=True)
    y = channel(spec, "y")
    assert y["title"] == "condition"
    assert y["scale"] == {"domain": [0, 1]} and y["axis"]["values"] == [0, 1]
    assert {layer["mark"]["interpolate"] for layer in layers(spec, "points")} == {"step-after"}


def test_a_watch_has_its_expression_as_title_and_not_in_the_legend():
    expression = "mean(D_loss, 100) - 'odd' \\ <b>"
    watched = (expression, "value", (plain_line(expression),), "step", False)
    spec = specification(*watched)
    assert spec["title"]["text"] == expression
    assert channel(spec, "color")["legend"] is None
    forked = specification(*watched, forked=True)
    assert channel(forked, "color")["legend"]["values"] == [BEFORE_WORDS]
    assert channel(FORKED, "color")["legend"] is not None
