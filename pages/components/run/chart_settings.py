"""The settings of the training charts, in the sidebar."""

from dataclasses import dataclass

import streamlit as st

from pages.components.run.chart_axes import X_TITLES
from pages.components.run.chart_choice import choose_charts
from pages.components.run.chart_whys import why_charts
from pipeline.studio.charts.curves import XAxis


@dataclass(frozen=True)
class ChartSettings:
    """The chart settings from the sidebar. chosen: titles of the charts to draw, in their order; empty for the usual
    ones."""

    x: XAxis
    smoothing: float
    log: bool
    clip: bool
    chosen: tuple[str, ...] = ()


def chart_settings(run: str) -> ChartSettings:
    """Draw the chart settings and return them."""
    st.subheader("Charts", anchor=False)
    x = st.selectbox(
        "Over",
        list(X_TITLES),
        format_func=str.capitalize,
        key="chart_x",
        persist_state="session",
    )
    smoothing = st.slider(
        "Smoothing",
        0.0,
        0.99,
        0.6,
        0.01,
        key="chart_smoothing",
        persist_state="session",
        help="Weight of the past in the exponential moving average that each line shows. The band shows the raw "
        "values. Points, which are measured with a sample grid, are never smoothed.",
    )
    log = st.toggle(
        "Logarithmic scale",
        key="chart_log",
        persist_state="session",
        help="A step of the axis is a factor of ten. Scores, shares and charts without a positive value stay linear. "
        "Values at or below zero become gaps, which the chart counts.",
    )
    clip = st.toggle(
        "Clip outliers",
        key="chart_clip",
        persist_state="session",
        help="The axis shows the middle 98 % of the values and some room around them. The chart says how many points "
        "lie outside.",
    )
    chosen = choose_charts(run)
    why_charts(run)
    return ChartSettings(x, smoothing, log, clip, chosen)
