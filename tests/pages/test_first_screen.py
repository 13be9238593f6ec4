"""Train's layouts: what stands beside what in windows of three widths."""

import json
from typing import Any

import pytest
from streamlit.testing.v1.element_tree import Block

from pages.components.shell.browser import Layout
from tests.pages.conftest import Browser

TRAIN = "pages/2_Train.py"
SAMPLES, REAL = "Grid of generated images", "Grid of real training images"


def opened(browser: Browser, layout: Layout) -> Browser:
    browser.app.session_state["browser_layout"] = layout
    return browser.open(TRAIN)


def row_with(browser: Browser, picture: str) -> list[list[str]]:
    """The columns of the row that has this picture: the titles of the charts and the heads of the grids in each."""
    image = next(each for each in browser.app.image if each.proto.imgs[0].alt.startswith(picture))
    column: Any = image
    while column.type != "column":
        column = column.parent
    return [drawn_in(each) for each in column.parent.children.values()]


def drawn_in(column: Block) -> list[str]:
    charts = [json.loads(chart.proto.spec)["title"]["text"] for chart in column.get("vega_lite_chart")]
    heads = [text.value.strip("*") for text in column.get("markdown") if text.value.startswith("**")]
    return [*charts, *heads]


@pytest.mark.parametrize(
    ("layout", "first", "second"),
    [
        ("narrow", [["Loss"]], [["Discriminator score"]]),
        ("normal", [["Loss"]], [["Discriminator score"]]),
        ("wide", [["Loss"], ["Discriminator score"]], [["Gradient norm"], ["Diversity"]]),
    ],
)
def test_the_first_rows_end_with_samples_and_real_images(
    layout: Layout, first: list[list[str]], second: list[list[str]], run: str, browser: Browser
) -> None:
    opened(browser, layout)
    assert row_with(browser, SAMPLES) == [*first, ["Samples"]]
    assert row_with(browser, REAL) == [*second, ["Real images"]]


@pytest.mark.parametrize(
    ("layout", "speed", "icons"), [("narrow", "Images/s", False), ("normal", "Images per second", True)]
)
def test_a_narrow_window_has_shorter_labels_without_icons(
    layout: Layout, speed: str, icons: bool, run: str, browser: Browser
) -> None:
    opened(browser, layout)
    assert [metric.label for metric in browser.app.metric] == ["Step", "Epoch", speed, "Training time", "Time left"]
    assert [bool(browser.app.button(key=key).proto.icon) for key in ("run", "step", "chunk")] == [icons] * 3


def test_the_badge_beside_the_state_leads_to_the_hints(run: str, browser: Browser) -> None:
    assert "no hints yet](#health)" in "".join(opened(browser, "normal").words.split("-badge[")[2])
    assert any(subheader.value == "Health" and subheader.anchor == "health" for subheader in browser.app.subheader)
