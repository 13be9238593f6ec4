"""Train's layouts: what stands beside what in windows of three widths."""

import json

import pytest
from streamlit.testing.v1.element_tree import Block

from pages.components.shell.browser import Layout
from tests.pages.conftest import Browser

TRAIN = "pages/2_Train.py"


def opened(browser: Browser, layout: Layout) -> Browser:
    browser.app.session_state["browser_layout"] = layout
    return browser.open(TRAIN)


def drawn_in(column: Block) -> list[str]:
    charts = [json.loads(chart.proto.spec)["title"]["text"] for chart in column.get("vega_lite_chart")]
    heads = [text.value.strip("*") for text in column.get("markdown") if text.value.startswith("**")]
    return [*charts, *heads]


@pytest.mark.parametrize(
    ("layout", "rows"),
    [
        ("narrow", ["Loss", "Samples", "Discriminator score", "Real images"]),
        ("normal", ["Loss", "Samples", "Discriminator score", "Real images"]),
        ("wide", ["Loss", "Discriminator score", "Samples", "Gradient norm", "Diversity", "Real images"]),
    ],
)
def test_the_first_rows_end_with_samples_and_real_images(
    layout: Layout, rows: list[str], run: str, browser: Browser
) -> None:
    columns = [drawn_in(column) for column in opened(browser, layout).app.columns]
    found = [heads for heads in columns if heads]
    assert found[: len(rows)] == [[head] for head in rows]


@pytest.mark.parametrize(
    ("layout", "speed", "icons"), [("narrow", "Images/s", False), ("normal", "Images per second", True)]
)
def test_a_narrow_window_has_shorter_labels_without_icons(
    layout: Layout, speed: str, icons: bool, run: str, browser: Browser
) -> None:
    opened(browser, layout)
    assert [metric.label for metric in browser.app.metric] == ["Step", "Epoch", speed, "Training time", "Time left"]
    assert [bool(browser.app.button(key=key).proto.icon) for key in ("run", "step", "chunk")] == [icons] * 3


def test_a_young_run_has_no_hints_yet(run: str, browser: Browser) -> None:
    assert "No hints yet" in [caption.value for caption in opened(browser, "normal").app.caption]
