"""What differs between the light and the dark theme, for what Streamlit does not colour itself.

Streamlit reruns the page when a user switches the theme in its menu, and our component in `browser.py` when the system
does. The script is told which one the browser shows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st


@dataclass(frozen=True)
class Theme:
    """Colours of one theme. page, ink: background and text of `.streamlit/config.toml`. tint, chosen: share of a
    category's colour in the fill of its box in the graph, and of the selected box. quiet: text of a chart's axes."""

    page: str
    ink: str
    tint: float
    chosen: float
    quiet: str


LIGHT = Theme(page="#FFFFFF", ink="#14181F", tint=0.16, chosen=0.3, quiet="#5A6270")
DARK = Theme(page="#14171C", ink="#E6E9EE", tint=0.22, chosen=0.4, quiet="#A9B1BD")


def theme() -> Theme:
    """The theme that this browser shows; the light one if it has not told."""
    return DARK if st.context.theme.type == "dark" else LIGHT


def chart_text() -> Mapping[str, Any]:
    """`config` of a chart's specification: the colour of its axes' and legend's text, which Streamlit draws too light
    for a light page. It changes with the theme only, because the browser creates a chart again if its
    specification changes."""
    quiet = theme().quiet
    return {
        "axis": {"labelColor": quiet, "titleColor": quiet},
        "legend": {"labelColor": quiet, "titleColor": quiet},
    }


def mixed(colour: str, share: float, into: str) -> str:
    """A share of 0 to 1 of a hex colour, mixed into another one."""
    places = (1, 3, 5)
    pairs = [(int(colour[at : at + 2], 16), int(into[at : at + 2], 16)) for at in places]
    return "#" + "".join(f"{round(share * ours + (1 - share) * theirs):02X}" for ours, theirs in pairs)
