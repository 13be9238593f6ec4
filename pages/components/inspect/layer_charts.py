"""Chart specifications for probes, without data, built once and cached: two heat maps, curves, and the distributions
of scores.

The heat maps' palettes distinguish values by lightness alone, and their tooltips show the number.
"""

from typing import Any

import altair as alt
import streamlit as st

from pages.components.shell.palette import CLASS_COLOURS, COLOURS, DASHES, NEUTRAL
from pipeline.runs.probe_records import LOWEST_OCTAVE
from pipeline.studio.inspect.layers import HISTOGRAM_KINDS, QUANTITIES, ValueScale

CELLS, LINES, MEANS = "cells", "lines", "means"
ROW_HEIGHT = 18
AROUND_ROWS = 90
HISTOGRAM_HEIGHT = 320
SCORE_HEIGHT = 320
CURVES_HEIGHT = 280

SCORES = {
    # Group of images: colour and dash, so that groups differ in more than colour.
    "real": (COLOURS["green"], DASHES["solid"]),
    "fake": (COLOURS["purple"], DASHES["dashed"]),
    "held-out": (NEUTRAL, DASHES["dotted"]),
}
FORMATS: dict[ValueScale, str] = {"logarithmic": "~g", "signed": "~r", "share": "%"}
_ENDS = f"extent(pluck(data('{CELLS}'), 'value'))"
FARTHEST = f"(max(abs({_ENDS}[0]), abs({_ENDS}[1])) || 1)"
"""Vega expression: the largest distance of a cell's value from zero; 1 if there is none."""
DECADES = [sign * 10.0**power for sign in (-1, 1) for power in (-6, -4, -2, 0, 2)]


def map_height(rows: tuple[str, ...]) -> int:
    """Height in pixels of a heat map with these rows; the same for every quantity."""
    return AROUND_ROWS + ROW_HEIGHT * len(rows)


@st.cache_data(show_spinner=False, max_entries=100)
def layer_map(quantity: str, rows: tuple[str, ...]) -> dict[str, Any]:
    """Heat map of a quantity of all layers over steps. rows: layer labels from top to bottom. Cells without a number
    stay blank."""
    facts = QUANTITIES[quantity]
    scale = {
        "logarithmic": alt.Scale(type="log", scheme="viridis", nice=False),
        # As far below zero as above it, so that equal colours on both sides are equal distances from zero.
        "signed": alt.Scale(
            scheme="blueorange", domainMin=alt.ExprRef(f"-{FARTHEST}"), domainMax=alt.ExprRef(FARTHEST)
        ),
        "share": alt.Scale(scheme="viridis", domain=[0, 1]),
    }[facts.scale]
    cells = _cells("value").encode(
        x=_steps(),
        x2="end:Q",
        y=alt.Y(
            "layer:N",
            title=None,
            scale=alt.Scale(domain=list(rows)),
            axis=alt.Axis(
                labelLimit=300, labelOverlap=False, labelBound=False, labelFlush=False, ticks=False, domain=False
            ),
        ),
        color=_shade(facts.unit, scale, FORMATS[facts.scale]),
        tooltip=[
            alt.Tooltip("layer:N", title="Layer"),
            alt.Tooltip("start:Q", title="Step", format=",.0f"),
            alt.Tooltip("value:Q", title=facts.unit, format=".4~g"),
        ],
    )
    return _built(cells, facts.title, map_height(rows))


@st.cache_data(show_spinner=False, max_entries=100)
def layer_curves(quantity: str, chosen: tuple[str, ...]) -> dict[str, Any]:
    """A quantity of the chosen layers over steps, a line for each, which differ in colour and dash."""
    facts = QUANTITIES[quantity]
    dashes = list(DASHES.values())
    places = range(len(chosen))
    legend = alt.Legend(
        title=None, orient="top", columns=2, offset=2, padding=0, symbolType="stroke", symbolSize=300, labelLimit=300
    )
    scale = {
        "logarithmic": alt.Scale(type="log", nice=False),
        "signed": alt.Scale(zero=True),
        "share": alt.Scale(domain=[0, 1]),
    }[facts.scale]
    lines = (
        alt.Chart(alt.NamedData(name=LINES))
        .mark_line(strokeWidth=1.8)
        .encode(
            x=_steps("step:Q"),
            y=alt.Y("value:Q", title=facts.unit, scale=scale, axis=alt.Axis(format=FORMATS[facts.scale], tickCount=5)),
            color=alt.Color(
                "layer:N",
                scale=alt.Scale(domain=list(chosen), range=[CLASS_COLOURS[at % len(CLASS_COLOURS)] for at in places]),
                legend=legend,
            ),
            strokeDash=alt.StrokeDash(
                "layer:N",
                scale=alt.Scale(domain=list(chosen), range=[dashes[at % len(dashes)] for at in places]),
                legend=legend,
            ),
            tooltip=[
                alt.Tooltip("layer:N", title="Layer"),
                alt.Tooltip("step:Q", title="Step", format=",.0f"),
                alt.Tooltip("value:Q", title=facts.unit, format=".4~g"),
            ],
        )
    )
    return _built(lines, f"{facts.title} of the chosen layers", CURVES_HEIGHT)


@st.cache_data(show_spinner=False, max_entries=100)
def histogram_map(kind: str, layer: str) -> dict[str, Any]:
    """Heat map of one layer's histogram over steps; the value axis is logarithmic on both sides of zero."""
    # The bins are octaves, so the logarithm makes them equally tall; the bin around zero is as tall as two.
    octaves = alt.Scale(type="symlog", constant=2.0**LOWEST_OCTAVE, nice=False, zero=False)
    cells = _cells("share").encode(
        x=_steps(),
        x2="end:Q",
        y=alt.Y(
            "low:Q",
            title=HISTOGRAM_KINDS[kind].lower(),
            scale=octaves,
            axis=alt.Axis(values=[*DECADES, 0], format="~g", grid=False),
        ),
        y2="high:Q",
        color=_shade("share", alt.Scale(scheme="viridis"), "%", field="share"),
        tooltip=[
            alt.Tooltip("start:Q", title="Step", format=",.0f"),
            alt.Tooltip("low:Q", title="From", format=".3~g"),
            alt.Tooltip("high:Q", title="To", format=".3~g"),
            alt.Tooltip("share:Q", title="Share", format=".2~%"),
        ],
    )
    return _built(cells, f"{HISTOGRAM_KINDS[kind]} of {layer}", HISTOGRAM_HEIGHT)


@st.cache_data(show_spinner=False, max_entries=20)
def score_chart(title: str) -> dict[str, Any]:
    """Distribution of the scores of real, fake and held-out images at one step; vertical lines mark the means."""
    groups = list(SCORES)
    legend = alt.Legend(title=None, orient="top", offset=2, padding=0, symbolType="stroke", symbolSize=300)
    colours = alt.Scale(domain=groups, range=[colour for colour, _ in SCORES.values()])
    dashes = alt.Scale(domain=groups, range=[dash for _, dash in SCORES.values()])
    colour = alt.Color("group:N", scale=colours, legend=legend)
    dash = alt.StrokeDash("group:N", scale=dashes, legend=legend)
    outlines = (
        alt.Chart(alt.NamedData(name=LINES))
        .mark_line(interpolate="step-after", strokeWidth=1.8)
        .encode(
            x=alt.X("x:Q", title="score", scale=alt.Scale(zero=False, nice=False), axis=alt.Axis(grid=False)),
            y=alt.Y("share:Q", title="share of images", axis=alt.Axis(format="%", tickCount=5)),
            color=colour,
            strokeDash=dash,
            tooltip=[
                alt.Tooltip("group:N", title="Images"),
                alt.Tooltip("x:Q", title="Score", format=".3~g"),
                alt.Tooltip("share:Q", title="Share", format=".2~%"),
            ],
        )
    )
    means = (
        alt.Chart(alt.NamedData(name=MEANS))
        .mark_rule(strokeWidth=1.5)
        .encode(
            x="mean:Q",
            color=colour,
            strokeDash=dash,
            tooltip=[alt.Tooltip("group:N", title="Mean of"), alt.Tooltip("mean:Q", title="Score", format=".4~g")],
        )
    )
    return _built(alt.layer(outlines, means), title, SCORE_HEIGHT)


def _cells(field: str) -> alt.Chart:
    """Rectangles of a heat map, outlined in their fill colour, because the background would show between them."""
    outline = alt.ExprRef(f"scale('color', datum.{field})")
    cells: alt.Chart = alt.Chart(alt.NamedData(name=CELLS)).mark_rect(clip=True, stroke=outline, strokeWidth=0.7)
    return cells


def _steps(field: str = "start:Q") -> alt.X:
    return alt.X(
        field,
        title="Step",
        scale=alt.Scale(zero=False, nice=False),
        axis=alt.Axis(format=",~r", tickCount=5, grid=False),
    )


def _shade(unit: str, scale: alt.Scale, words: str, field: str = "value") -> alt.Color:
    return alt.Color(f"{field}:Q", scale=scale, legend=alt.Legend(title=unit, format=words, gradientLength=120))


def _built(chart: alt.Chart | alt.LayerChart | alt.FacetChart, title: str, height: int) -> dict[str, Any]:
    built: dict[str, Any] = chart.properties(title=alt.TitleParams(title, offset=4), height=height).to_dict(
        validate=False
    )
    # Altair writes a size into `config`; the page sets the size.
    del built["config"]
    return built
