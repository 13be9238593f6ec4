"""Chart specifications of probes contain no data, are deterministic, and do not rely on colour alone."""

import json

import pytest

from pages.components.inspect import layer_charts
from pages.components.inspect.layer_charts import (
    SCORES,
    histogram_map,
    layer_curves,
    layer_map,
    map_height,
    score_chart,
)
from pipeline.runs.probe_records import SCORE_GROUPS
from pipeline.studio.inspect.layers import HISTOGRAM_KINDS, QUANTITIES

ROWS = ("G linear_1 Linear", " ", "D conv2d_1 Conv2d")
ALL = [
    *(
        pytest.param(layer_curves, (quantity, ROWS[::2]), {"lines"}, id=f"curves of {quantity}")
        for quantity in QUANTITIES
    ),
    *(pytest.param(layer_map, (quantity, ROWS), {"cells"}, id=quantity) for quantity in QUANTITIES),
    *(pytest.param(histogram_map, (kind, ROWS[0]), {"cells"}, id=kind) for kind in HISTOGRAM_KINDS),
    pytest.param(score_chart, ("Scores",), {"lines", "means"}, id="scores"),
]


def leaves(value):
    """Every (key, value) in a specification, at any depth."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        yield key, inner
        yield from leaves(inner)


@pytest.mark.parametrize(("build", "arguments", "names"), ALL)
def test_a_specification_contains_no_data_and_is_deterministic(build, arguments, names):
    first = json.dumps(build(*arguments))
    found = list(leaves(json.loads(first)))
    assert "datasets" not in dict(found)
    assert {data["name"] for key, data in found if key == "data"} == names
    build.clear()
    assert json.dumps(build(*arguments)) == first


@pytest.mark.parametrize(("build", "arguments", "names"), ALL)
def test_every_chart_has_a_title_units_and_tooltips(build, arguments, names):
    spec = build(*arguments)
    assert spec["title"]["text"] and spec["height"] > 0
    encodings = [value for key, value in leaves(spec) if key == "encoding"]
    assert all(encoding["tooltip"] for encoding in encodings)
    titles = {channel["title"] for encoding in encodings for channel in encoding.values() if "title" in channel}
    assert titles & {"Step", "score"}


def test_rows_keep_their_order_and_determine_the_height():
    assert layer_map("zeros", ROWS)["encoding"]["y"]["scale"]["domain"] == list(ROWS)
    assert layer_map("zeros", ROWS)["height"] == map_height(ROWS) < map_height((*ROWS, "another"))


def test_colour_scales_are_logarithmic_for_norms_zero_to_one_for_shares_and_symmetric_for_means():
    scales = {quantity: layer_map(quantity, ROWS)["encoding"]["color"]["scale"] for quantity in QUANTITIES}
    assert all(scales[name]["type"] == "log" for name in ("weight_norm", "gradient_norm", "update_ratio"))
    assert scales["zeros"]["domain"] == [0, 1]
    lowest, highest = (scales["activation_mean"][end]["expr"] for end in ("domainMin", "domainMax"))
    assert lowest == f"-{highest}"


def test_every_group_of_images_has_a_distinct_colour_and_dash():
    assert tuple(SCORES) == SCORE_GROUPS
    assert len({colour for colour, _ in SCORES.values()}) == len({tuple(dash) for _, dash in SCORES.values()}) == 3


def test_every_scale_of_a_quantity_has_a_number_format():
    assert {quantity.scale for quantity in QUANTITIES.values()} <= layer_charts.FORMATS.keys()
