"""The chart of a profile, without its data: a bar for each stage, as long as its time in a step."""

from typing import Any

import altair as alt
import streamlit as st

STAGES = "stages"
BAR_HEIGHT = 22
"""Height in pixels of the row of a stage."""
FAINT = 0.2
"""Opacity of the part of a bar that is not spent in operators; its outline is as dark as the other part."""


def bars_height(count: int) -> int:
    """Height in pixels of the chart of this many stages."""
    return BAR_HEIGHT * count + 80


@st.cache_data(show_spinner=False, max_entries=40)
def stage_bars(
    stages: tuple[str, ...], updates: tuple[str, ...], colours: tuple[str, ...], parts: tuple[str, ...], what: str
) -> dict[str, Any]:
    """Bars from (stage, update, part, ms, share), in the order of the stages; the second part of a bar is faint.

    colours: of the updates. what: whose time it is, such as "CPU".
    """
    scale = alt.Scale(domain=list(updates), range=list(colours))
    chart = (
        alt.Chart(alt.NamedData(name=STAGES))
        .mark_bar(strokeWidth=1)
        .encode(
            x=alt.X("ms:Q", title=f"{what} time per step (ms)", axis=alt.Axis(tickCount=6, grid=True)),
            y=alt.Y(
                "stage:N",
                title=None,
                scale=alt.Scale(domain=list(stages)),
                axis=alt.Axis(labelLimit=300, labelOverlap=False, labelFlush=False, labelFontSize=12, grid=False),
            ),
            color=alt.Color("update:N", scale=scale, legend=None),
            stroke=alt.Stroke("update:N", scale=scale, legend=None),
            fillOpacity=alt.FillOpacity(
                "part:N", scale=alt.Scale(domain=list(parts), range=[1.0, FAINT][: len(parts)]), legend=None
            ),
            order=alt.Order("part:N", sort="descending"),
            tooltip=[
                alt.Tooltip("stage:N", title="Stage"),
                alt.Tooltip("part:N", title="Part"),
                alt.Tooltip("ms:Q", title="ms per step", format=".4~r"),
                alt.Tooltip("share:Q", title="Share of a step", format=".1%"),
            ],
        )
    )
    built: dict[str, Any] = chart.properties(
        title=alt.TitleParams(f"{what} time by stage", offset=4), height=bars_height(len(stages))
    ).to_dict(validate=False)
    # Altair writes a size into `config`; the page sets the size.
    del built["config"]
    return built
