"""Chart specifications for stages: a heat map of noise, a histogram of scores, and one value per weight tensor.

Specifications are cached; only their data changes.
"""

from typing import Any, Literal

import altair as alt
import streamlit as st

from pages.components.shell.palette import COLOURS, NEUTRAL
from pipeline.colours import Colour

DATA = "stage"
NOISE_HEIGHT, SCORES_HEIGHT = 340, 190
TENSOR_HEIGHT = 17
"""Height in pixels of the row of a tensor."""
USUAL_RATIO = 1e-3
POWERS_OF_TEN = "abs(log(datum.value) / LN10 - round(log(datum.value) / LN10)) < 1e-6 ? format(datum.value, '~g') : ''"
"""Vega expression that labels only the powers of ten on a logarithmic axis."""
SPREAD = 3.0
"""The colour scale ends at ±SPREAD, because larger values are rare in a standard normal distribution."""


@st.cache_data(show_spinner=False)
def latent_chart(what: str, dimensions: int) -> dict[str, Any]:
    """A heat map of (vector, dimension, value). what: what the vectors are. dimensions: how many columns."""
    across = alt.Axis(format="d", tickMinStep=1, grid=False, tickCount=10)
    chart = (
        alt.Chart(alt.NamedData(name=DATA))
        .transform_calculate(x2="datum.dimension + 1")
        .mark_rect()
        .encode(
            x=alt.X(
                "dimension:Q", title="dimension", axis=across, scale=alt.Scale(domain=[1, dimensions + 1], nice=False)
            ),
            x2="x2:Q",
            y=alt.Y("vector:O", title="vector", axis=alt.Axis(labelOverlap=True)),
            color=alt.Color(
                "value:Q",
                title="value",
                scale=alt.Scale(scheme="purpleorange", domain=[-SPREAD, 0, SPREAD], clamp=True),
            ),
            tooltip=[
                alt.Tooltip("vector:O", title="Vector"),
                alt.Tooltip("dimension:Q", title="Dimension", format="d"),
                alt.Tooltip("value:Q", title="Value", format=".4~r"),
            ],
        )
    )
    return _finished(chart, f"{what}: a row for each vector", NOISE_HEIGHT)


@st.cache_data(show_spinner=False)
def score_chart(images: str, probability: bool) -> dict[str, Any]:
    """A histogram of scores from (low, high, images). images: their kind, such as "real"."""
    x_title = "score (probability that it is real)" if probability else "score (no unit)"
    scale = alt.Scale(domain=[0, 1]) if probability else alt.Scale(zero=False, nice=False)
    chart = (
        alt.Chart(alt.NamedData(name=DATA))
        .mark_bar(color=COLOURS["green" if images == "real" else "purple"], stroke=None)
        .encode(
            x=alt.X("low:Q", title=x_title, scale=scale, bin="binned", axis=alt.Axis(tickCount=6, grid=False)),
            x2="high:Q",
            y=alt.Y("images:Q", title="images", axis=alt.Axis(tickMinStep=1, tickCount=4, format="d")),
            tooltip=[
                alt.Tooltip("low:Q", title="From", format=".3~r"),
                alt.Tooltip("high:Q", title="To", format=".3~r"),
                alt.Tooltip("images:Q", title="Images"),
            ],
        )
    )
    return _finished(chart, f"Scores of the {images} images", SCORES_HEIGHT)


@st.cache_data(show_spinner=False)
def number_chart(names: tuple[str, ...]) -> dict[str, Any]:
    """A dot for each image from (image, x, y), x and y being its numbers of these names; with one name, a histogram of
    it from (low, high, images)."""
    chart = alt.Chart(alt.NamedData(name=DATA))
    scale = alt.Scale(zero=False, nice=False, padding=6)
    if len(names) == 1:
        bars = chart.mark_bar(color=COLOURS["orange"], stroke=None).encode(
            x=alt.X("low:Q", title=names[0], scale=scale, bin="binned", axis=alt.Axis(tickCount=6, grid=False)),
            x2="high:Q",
            y=alt.Y("images:Q", title="images", axis=alt.Axis(tickMinStep=1, tickCount=4, format="d")),
            tooltip=[
                alt.Tooltip("low:Q", title="From", format=".3~r"),
                alt.Tooltip("high:Q", title="To", format=".3~r"),
                alt.Tooltip("images:Q", title="Images"),
            ],
        )
        return _finished(bars, number_title(names), SCORES_HEIGHT)
    dots = chart.mark_circle(size=40, opacity=0.8, color=COLOURS["orange"]).encode(
        x=alt.X("x:Q", title=names[0], scale=scale, axis=alt.Axis(tickCount=6, grid=False)),
        y=alt.Y("y:Q", title=names[1], axis=alt.Axis(tickCount=4)),
        tooltip=[
            alt.Tooltip("image:Q", title="Image"),
            alt.Tooltip("x:Q", title=names[0].capitalize(), format=".4~r"),
            alt.Tooltip("y:Q", title=names[1].capitalize(), format=".4~r"),
        ],
    )
    return _finished(dots, number_title(names), SCORES_HEIGHT)


def number_title(names: tuple[str, ...]) -> str:
    """The title of `number_chart`."""
    if len(names) == 1:
        return f"Histogram of each image's {names[0]}"
    return f"{names[1].capitalize()} by {names[0]}: a dot for each image"


@st.cache_data(show_spinner=False, max_entries=100)
def tensor_chart(what: Literal["gradient", "ratio"], colour: Colour, names: tuple[str, ...]) -> dict[str, Any]:
    """A dot for each (name, value) of a network's weight tensors, on a logarithmic scale.

    what: "gradient" for the norm of the gradient; "ratio" for the norm of the update divided by the norm of the
    weights, with a line at the usual ratio.
    """
    x_title = "gradient norm (L2)" if what == "gradient" else "update norm / weight norm"
    dots = (
        alt.Chart(alt.NamedData(name=DATA))
        .mark_circle(size=90, opacity=1, color=COLOURS[colour])
        .encode(
            x=alt.X(
                "value:Q",
                title=x_title,
                scale=alt.Scale(type="log", nice=True),
                axis=alt.Axis(labelExpr=POWERS_OF_TEN, titlePadding=2),
            ),
            y=alt.Y(
                "name:N",
                title=None,
                scale=alt.Scale(domain=list(names)),
                axis=alt.Axis(grid=True, labelLimit=190, labelOverlap=False, labelFontSize=11),
            ),
            tooltip=[alt.Tooltip("name:N", title="Weights"), alt.Tooltip("value:Q", title=x_title, format=".4~r")],
        )
    )
    if what == "gradient":
        return _finished(dots, "Gradient of each weight tensor", tensor_height(len(names)))
    usual = alt.Chart(alt.sequence(1)).mark_rule(strokeDash=[4, 4], strokeWidth=1.5, color=NEUTRAL)
    rule = usual.encode(x=alt.datum(USUAL_RATIO))
    return _finished(rule + dots, "Update of each weight tensor (dashed: a usual ratio)", tensor_height(len(names)))


def tensor_height(count: int) -> int:
    """Height in pixels of the chart of this many tensors."""
    return TENSOR_HEIGHT * count + 58


def _finished(chart: alt.Chart | alt.LayerChart, title: str, height: int) -> dict[str, Any]:
    built: dict[str, Any] = chart.properties(title=alt.TitleParams(title, offset=4), height=height).to_dict(
        validate=False
    )
    # Altair writes a size into `config`; the page sets the size.
    del built["config"]
    return built
