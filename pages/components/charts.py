"""Training curves. A chart's specification is built once and cached; from then on only its data changes.

Altair takes about a tenth of a second to build one, under a lock that all browsers share, and a specification that
differs in anything makes the browser mount the chart anew, so counts and names of runs stand in the caption instead.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import altair as alt
import pyarrow as pa
import streamlit as st

from pages.components.state import look, store
from pipeline.studio import curves
from pipeline.studio.curves import Curves, XAxis

HEIGHT = 300
LINES = {
    # Metric: colour of its network, and a dash of its own, so that colour is never alone.
    "D_loss": ("#0072B2", [1, 0]),
    "G_loss": ("#CC79A7", [6, 3]),
    "D_real": ("#009E73", [1, 0]),
    "D_fake": ("#CC79A7", [6, 3]),
    "D_grad_norm": ("#0072B2", [1, 0]),
    "G_grad_norm": ("#CC79A7", [6, 3]),
    "images_per_second": ("#7A7A7A", [1, 0]),
    "gradient_penalty": ("#D55E00", [1, 0]),
}
SHARED_SECONDS = 1.0
"""Browsers that look at the same run within this time are given the same data: it is made once for all."""
POINTS, MARKS = "points", "marks"
NEUTRAL = ("#7A7A7A", [2, 2])
X_TITLES: dict[XAxis, str] = {"step": "Step", "epoch": "Epoch", "time": "Training time (s)"}
Y_TITLES = {
    "Loss": "loss",
    "Discriminator score": "mean score",
    "Gradient norm": "L2 norm",
    "Penalty": "penalty",
    "Throughput": "images per second",
}


@st.cache_data(show_spinner=False, max_entries=200)
def specification(title: str, metrics: tuple[str, ...], x: XAxis, log: bool) -> dict[str, Any]:
    """The Vega-Lite specification of one chart, without data: lines, their band from low to high, marks of changes."""
    below = alt.Axis(format=",~r", tickCount=5, grid=False, titlePadding=2, labelPadding=4)
    x_axis = alt.X("x:Q", title=X_TITLES[x], axis=below)
    scale = alt.Scale(type="symlog", constant=0.01) if log else alt.Scale(zero=False)
    y_title = Y_TITLES.get(title, "value")
    y_axis = alt.Y("value:Q", title=y_title, scale=scale, axis=alt.Axis(format=",~r", tickCount=5))
    styles = [LINES.get(metric, NEUTRAL) for metric in metrics]
    colour = alt.Color(
        "metric:N",
        scale=alt.Scale(domain=list(metrics), range=[style[0] for style in styles]),
        legend=alt.Legend(
            title=None, orient="top", offset=2, padding=0, symbolType="stroke", symbolSize=300, symbolOpacity=1
        ),
    )
    dash = alt.StrokeDash(
        "metric:N", scale=alt.Scale(domain=list(metrics), range=[style[1] for style in styles]), legend=None
    )
    lines, changes = alt.Chart(alt.NamedData(name=POINTS)), alt.Chart(alt.NamedData(name=MARKS))
    tips = [
        alt.Tooltip("x:Q", title=X_TITLES[x], format=",.4~r"),
        alt.Tooltip("metric:N", title="Metric"),
        alt.Tooltip("value:Q", title="Value", format=".4~r"),
        alt.Tooltip("low:Q", title="Lowest", format=".4~r"),
        alt.Tooltip("high:Q", title="Highest", format=".4~r"),
    ]
    layers = alt.layer(
        lines.mark_area(opacity=0.18).encode(
            x=x_axis, y=alt.Y("low:Q", scale=scale, title=y_title), y2="high:Q", color=colour
        ),
        lines.mark_line(strokeWidth=1.8, clip=True).encode(x=x_axis, y=y_axis, color=colour, strokeDash=dash),
        lines.mark_point(size=60, opacity=0).encode(x=x_axis, y=y_axis, tooltip=tips),
        changes.mark_rule(strokeDash=[2, 3], strokeWidth=1.5, color="#D55E00").encode(
            x=x_axis, tooltip=alt.Tooltip("label:N", title="Change")
        ),
    )
    built: dict[str, Any] = layers.properties(title=alt.TitleParams(title, offset=4), height=HEIGHT).to_dict(
        validate=False
    )
    # Altair writes a size into `config`; the page gives it.
    del built["config"]
    return built


@dataclass(frozen=True)
class ChartSettings:
    """What the sidebar says of the charts."""

    x: XAxis
    smoothing: float
    log: bool


def chart_settings() -> ChartSettings:
    """The sidebar's part for the charts."""
    st.subheader("Charts", anchor=False)
    x = st.segmented_control(
        "Over",
        list(X_TITLES),
        default="step",
        required=True,
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
        help="How much of an exponential average each line is. The band shows the values as they were.",
    )
    log = st.toggle("Logarithmic scale", key="chart_log", persist_state="session")
    return ChartSettings(x, smoothing, log)


@dataclass(frozen=True)
class _Drawn:
    """The data of all charts of a run. charts: title -> the metrics it shows, and their lines."""

    charts: Mapping[str, tuple[tuple[str, ...], Curves]]
    marks: pa.Table


def training_charts(run: str, settings: ChartSettings) -> None:
    """The run's charts, two in a row, and how much of what was recorded they show."""
    now = look(run)
    # A run that stands still is drawn as it stands; of one that moves all browsers see the same, a second long.
    still = None if now.busy else (now.mark, now.step)
    drawn = _drawn(run, settings.x, settings.smoothing, still)
    charts = list(drawn.charts.items())
    if not charts:
        st.caption("Curves appear with the first trained step.")
    for start in range(0, len(charts), 2):
        for column, (title, (metrics, lines)) in zip(st.columns(2), charts[start : start + 2], strict=False):
            column.vega_lite_chart(
                spec=specification(title, metrics, settings.x, settings.log)
                | {"datasets": {POINTS: lines.points, MARKS: drawn.marks}},
                height=HEIGHT,
                width="stretch",
                key=f"chart {title}",
                alt=f"{title} over {X_TITLES[settings.x].lower()}: {' and '.join(metrics)}",
            )
    if charts and (lines := charts[0][1][1]).recorded > lines.shown:
        st.caption(
            f"{lines.shown:,} of {lines.recorded:,} steps drawn: each point is the last of its steps, "
            "each band their range."
        )


@st.cache_resource(show_spinner=False, ttl=SHARED_SECONDS, max_entries=50)
def _drawn(run: str, x: XAxis, smoothing: float, still: object) -> _Drawn:
    """still: tells states of a run apart between which its curves differ; None while it moves."""
    record = store().run(run)
    groups = curves.groups(store(), run)
    charts = {title: (names, curves.curves(store(), record, names, x, smoothing)) for title, names in groups.items()}
    return _Drawn(charts, curves.marks(store(), record, x))
