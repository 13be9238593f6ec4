"""The bars of a profile: their order, units and parts, told apart without colour alone."""

import json

from pages.components.inspect.profile_charts import bars_height, stage_bars

STAGES = ("Discriminator: loss", "Generator: loss", "Rest of the step")
UPDATES, COLOURS = ("discriminator", "generator", ""), ("#0072B2", "#CC79A7", "#7A7A7A")


def encoding(parts=("operators", "Python and waiting"), what="CPU"):
    return stage_bars(STAGES, UPDATES, COLOURS, parts, what)["encoding"]


def test_a_specification_has_no_data_and_is_deterministic():
    first = json.dumps(stage_bars(STAGES, UPDATES, COLOURS, ("operators", "Python and waiting"), "CPU"))
    assert "datasets" not in json.loads(first) and json.loads(first)["data"] == {"name": "stages"}
    stage_bars.clear()
    assert json.dumps(stage_bars(STAGES, UPDATES, COLOURS, ("operators", "Python and waiting"), "CPU")) == first


def test_bars_are_in_the_order_of_a_step_and_have_units():
    assert encoding()["y"]["scale"]["domain"] == list(STAGES)
    assert encoding()["x"]["title"] == "CPU time per step (ms)"
    assert encoding(("GPU kernels",), "GPU")["x"]["title"] == "GPU time per step (ms)"


def test_the_parts_of_a_bar_are_filled_or_outlined_whatever_their_colour():
    found = encoding()
    assert found["fillOpacity"]["scale"]["range"] == [1.0, 0.2]
    assert found["stroke"]["scale"] == found["color"]["scale"] == {"domain": list(UPDATES), "range": list(COLOURS)}
    assert encoding(("GPU kernels",), "GPU")["fillOpacity"]["scale"]["range"] == [1.0]


def test_every_tooltip_has_a_title():
    assert [each["title"] for each in encoding()["tooltip"]] == ["Stage", "Part", "ms per step", "Share of a step"]
    assert bars_height(15) < 450
