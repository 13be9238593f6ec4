"""The specification of the chart of a metric over the checkpoints of a run, without data."""

from typing import Any

import altair as alt
import streamlit as st

from pages.components.shell.palette import COLOURS, DASHES

HISTORY = "history"
HEIGHT = 240
VALUE, FLOOR = COLOURS["purple"], COLOURS["green"]


@st.cache_data(show_spinner=False, max_entries=60)
def history_chart(unit: str, percent: bool) -> dict[str, Any]:
    """Below its title, which is a text of the page: a line with a bar from low to high at each step, and the floor,
    dashed. percent: whether values are shares."""
    across = alt.X("step:Q", title="step", axis=alt.Axis(format="~s", grid=False, tickCount=5))
    form = ".1%" if percent else ".4~g"
    axis = alt.Axis(format="~%" if percent else ".3~r", tickCount=5)
    base = alt.Chart(alt.NamedData(name=HISTORY))
    tips = [
        alt.Tooltip("step:Q", title="Step", format=","),
        alt.Tooltip("value:Q", title="Value", format=form),
        alt.Tooltip("low:Q", title="From", format=form),
        alt.Tooltip("high:Q", title="To", format=form),
        alt.Tooltip("floor:Q", title="Floor", format=form),
    ]
    value = alt.Y("value:Q", title=unit, scale=alt.Scale(zero=False), axis=axis)
    layers = (
        base.mark_line(color=FLOOR, strokeDash=DASHES["dashed"]).encode(across, alt.Y("floor:Q", title=unit)),
        base.mark_rule(color=VALUE, strokeWidth=1.5).encode(across, alt.Y("low:Q", title=unit), alt.Y2("high:Q")),
        base.mark_line(color=VALUE, strokeWidth=1.8, point=alt.OverlayMarkDef(color=VALUE, size=40)).encode(
            across, value, tooltip=tips
        ),
    )
    built: dict[str, Any] = alt.layer(*layers).properties(height=HEIGHT).to_dict(validate=False)
    # Altair writes a size into `config`; the page sets the size.
    built.pop("config", None)
    return built
