"""Contrast of the colours that Genscope chooses, after WCAG 2: text has at least 4.5:1, marks of charts 3:1."""

import itertools
import tomllib
from pathlib import Path

import pytest

from pages.components.shell import palette
from pages.components.shell.theme import DARK, LIGHT, mixed

CONFIG = tomllib.loads((Path(__file__).parents[4] / ".streamlit/config.toml").read_text(encoding="utf-8"))["theme"]
THEMES = {"light": LIGHT, "dark": DARK}
TEXT, MARK = 4.5, 3.0
CAPTION = 0.6
"""The share of the text's colour with which Streamlit draws captions."""
MARKS = {
    *palette.COLOURS.values(),
    *palette.CHANNEL_COLOURS.values(),
    *palette.CLASS_COLOURS,
    palette.EARLIER,
    palette.ERROR,
    palette.WIRE,
    *CONFIG["chartCategoricalColors"],
}


def luminance(colour):
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in channels]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_black_on_white_has_the_contrast_that_the_standard_names():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


def test_mixing_takes_a_share_of_each_channel():
    assert mixed("#FF0080", 0.5, "#00FF00") == "#808040"


@pytest.mark.parametrize("name", THEMES)
def test_the_pages_and_the_configuration_name_the_same_colours(name):
    assert (THEMES[name].page, THEMES[name].ink) == (CONFIG[name]["backgroundColor"], CONFIG[name]["textColor"])


@pytest.mark.parametrize("name", THEMES)
def test_every_mark_of_charts_and_graph_stands_out_from_the_page(name):
    page = CONFIG[name]["backgroundColor"]
    assert {mark: contrast(mark, page) for mark in MARKS if contrast(mark, page) < MARK} == {}


@pytest.mark.parametrize("name", THEMES)
def test_texts_captions_links_and_the_text_of_charts_can_be_read(name):
    theme = CONFIG[name]
    for behind in (theme["backgroundColor"], theme["secondaryBackgroundColor"]):
        caption = mixed(theme["textColor"], CAPTION, behind)
        for text in (theme["textColor"], caption, theme["linkColor"], theme["codeTextColor"], THEMES[name].quiet):
            assert contrast(text, behind) >= TEXT, (text, behind)


@pytest.mark.parametrize("name", THEMES)
def test_a_primary_button_can_be_read_and_stands_out_from_the_page(name):
    theme = CONFIG[name]
    assert contrast("#FFFFFF", theme["primaryColor"]) >= TEXT
    assert contrast(theme["primaryColor"], theme["backgroundColor"]) >= MARK


@pytest.mark.parametrize(("name", "colour"), list(itertools.product(THEMES, palette.COLOURS.values())))
def test_the_text_of_a_box_can_be_read_also_if_it_is_selected(name, colour):
    theme = THEMES[name]
    for share in (theme.tint, theme.chosen):
        assert contrast(theme.ink, mixed(colour, share, theme.page)) >= TEXT
