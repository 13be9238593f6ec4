"""Chart specifications for the Data page, without data. Each is built once and cached."""

from typing import Any

import altair as alt
import streamlit as st

from pages.components.shell.palette import CHANNEL_COLOURS, COLOURS, DASHES

CLASSES, VALUES = "classes", "values"
HEIGHT = 300
ROOM = 150
"""Total height of all bars of a chart, in pixels."""
THICKEST = 24
REAL = COLOURS["green"]
CHANNELS = {
    # Channel: its colour and a dash, so that channels differ in more than colour.
    "grey": (CHANNEL_COLOURS["grey"], DASHES["solid"]),
    "red": (CHANNEL_COLOURS["red"], DASHES["solid"]),
    "green": (CHANNEL_COLOURS["green"], DASHES["dashed"]),
    "blue": (CHANNEL_COLOURS["blue"], DASHES["dotted"]),
}


@st.cache_data(show_spinner=False, max_entries=50)
def class_chart(title: str, bars: int) -> dict[str, Any]:
    """A bar chart of (class, images) in the order of the data. bars: how many there are, which sets their height."""
    across = alt.Axis(tickCount=5, format="~s", grid=False, tickMinStep=1)
    thickness = min(THICKEST, ROOM // max(1, bars))
    chart = (
        alt.Chart(alt.NamedData(name=CLASSES))
        .mark_bar(color=REAL, size=thickness)
        .encode(
            x=alt.X("images:Q", title="images", axis=across),
            y=alt.Y("class:N", title=None, sort=None, axis=alt.Axis(labelLimit=160, labelOverlap=False, ticks=False)),
            tooltip=[alt.Tooltip("class:N", title="Class"), alt.Tooltip("images:Q", title="Images", format=",")],
        )
    )
    return _built(chart, title)


@st.cache_data(show_spinner=False, max_entries=4)
def value_chart(channels: tuple[str, ...]) -> dict[str, Any]:
    """A line of (value, share) for each channel. The vertical scale is a square root, because in most sets black or
    white alone has a far larger share than all other values."""
    colours = alt.Scale(domain=list(channels), range=[CHANNELS[each][0] for each in channels])
    dashes = alt.Scale(domain=list(channels), range=[CHANNELS[each][1] for each in channels])
    legend = (
        alt.Legend(title=None, orient="top", offset=2, padding=0, symbolType="stroke", symbolSize=300)
        if len(channels) > 1
        else None
    )
    lines = (
        alt.Chart(alt.NamedData(name=VALUES))
        .mark_line(interpolate="step-after", strokeWidth=1.8)
        .encode(
            x=alt.X(
                "value:Q",
                title="value (0 black, 1 white)",
                scale=alt.Scale(domain=[0, 1]),
                axis=alt.Axis(tickCount=5, grid=False),
            ),
            y=alt.Y(
                "share:Q",
                title="share of pixels (square root)",
                scale=alt.Scale(type="sqrt"),
                axis=alt.Axis(format="~%", tickCount=5),
            ),
            color=alt.Color("channel:N", scale=colours, legend=legend),
            strokeDash=alt.StrokeDash("channel:N", scale=dashes, legend=legend),
            tooltip=[
                alt.Tooltip("channel:N", title="Channel"),
                alt.Tooltip("value:Q", title="Value", format=".3f"),
                alt.Tooltip("share:Q", title="Share", format=".3~%"),
            ],
        )
    )
    return _built(lines, "Values of the prepared pixels")


def _built(chart: alt.Chart, title: str) -> dict[str, Any]:
    built: dict[str, Any] = chart.properties(title=alt.TitleParams(title, offset=4), height=HEIGHT).to_dict(
        validate=False
    )
    # Altair writes a size into `config`; the page sets the size.
    del built["config"]
    return built
