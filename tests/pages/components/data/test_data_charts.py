"""Chart specifications of the Data page contain no data, have titles and units, and do not rely on colour alone."""

import json

import pytest

from pages.components.data import data_charts
from pages.components.data.data_charts import CHANNELS, class_chart, value_chart
from pipeline.studio.data import data_tables

ALL = [
    pytest.param(class_chart, ("Images of each class", 10), "classes", id="classes"),
    pytest.param(value_chart, (("grey",),), "values", id="grey"),
    pytest.param(value_chart, (("red", "green", "blue"),), "values", id="colour"),
]


@pytest.mark.parametrize(("build", "arguments", "name"), ALL)
def test_a_specification_contains_no_data_and_is_deterministic(build, arguments, name):
    first = json.dumps(build(*arguments))
    assert json.loads(first)["data"] == {"name": name}
    assert "datasets" not in json.loads(first)
    build.clear()
    assert json.dumps(build(*arguments)) == first


@pytest.mark.parametrize(("build", "arguments", "name"), ALL)
def test_every_chart_has_a_title_units_and_tooltips(build, arguments, name):
    spec = build(*arguments)
    assert spec["title"]["text"] and spec["height"] == data_charts.HEIGHT
    assert spec["encoding"]["x"]["title"] and "y" in spec["encoding"]
    assert all(tip["title"] for tip in spec["encoding"]["tooltip"])


def test_every_channel_has_a_distinct_colour_and_dash():
    assert set(CHANNELS) == {name for names in data_tables.CHANNELS.values() for name in names}
    colours, dashes = zip(*(CHANNELS[name] for name in ("red", "green", "blue")), strict=True)
    assert len(set(colours)) == len({tuple(dash) for dash in dashes}) == 3
    assert value_chart(("grey",))["encoding"]["color"]["legend"] is None


@pytest.mark.parametrize("bars", [1, 2, 10, 20])
def test_bars_never_touch(bars):
    assert class_chart("classes", bars)["mark"]["size"] * bars < data_charts.HEIGHT
