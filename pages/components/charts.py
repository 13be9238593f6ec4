"""Training curves and watches: charts whose specification is built once; from then on only their data changes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import pyarrow as pa
import streamlit as st

from pages.components.chart_specification import BEFORE, HEIGHT, MARKS, POINTS, X_TITLES, specification
from pages.components.plain import plain
from pages.components.state import look, store
from pipeline.runtime.messages import Snapshot
from pipeline.studio import ancestry, curves, marks
from pipeline.studio.curves import Chart, Charts, XAxis
from pipeline.studio.watches import Watches, band_at, watches

SHARED_SECONDS = 1.0
"""Browsers that look at the same run within this time are given the same data: it is made once for all."""
EXPANDER = "more_charts"


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


class Cell(NamedTuple):
    """One chart: its lines, in grey those before a fork if there are any; or the sentence in its place."""

    title: str
    key: str
    metrics: tuple[str, ...] = ()
    points: pa.Table | None = None
    before: pa.Table | None = None
    condition: bool = False
    refusal: str = ""


@dataclass(frozen=True)
class _Drawn:
    """The data of all charts of a run. more: titles of those drawn where asked for."""

    charts: Charts
    before: Mapping[str, pa.Table]
    watches: Watches
    marks: pa.Table
    more: frozenset[str]


def training_charts(run: str, settings: ChartSettings) -> None:
    """The run's charts and watches, two in a row, and how much of what was recorded they show."""
    now = look(run)
    # A run that stands still is drawn as it stands; of one that moves all browsers see the same, a second long.
    still = None if now.busy else (now.mark, now.step)
    opened = bool(st.session_state.get(EXPANDER))
    drawn = _drawn(run, settings.x, settings.smoothing, opened, now.watching.watches, still)
    marked = pa.concat_tables([drawn.marks, marks.here(store().run(run), now, settings.x)])
    first = [_cell(title, chart, drawn) for title, chart in drawn.charts.charts.items() if title not in drawn.more]
    watched = [
        Cell(each.expression, f"watch {each.expression}", (each.expression,), each.points, None, each.is_condition,
             each.refusal)
        for each in drawn.watches.charts
    ]  # fmt: skip
    if not first:
        st.caption("Curves appear with the first trained step.")
    _rows([*first, *watched], marked, settings)
    st.caption(_shown(drawn))
    if drawn.more:
        with st.expander("More charts", key=EXPANDER, on_change="rerun"):
            # Closed, there is nothing in it to be made.
            _rows(
                [_cell(title, chart, drawn) for title, chart in drawn.charts.charts.items() if title in drawn.more],
                marked,
                settings,
            )
