"""Charts of training curves and watches. Each specification is built once; after that only the data changes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pyarrow as pa
import streamlit as st

from pages.components.run.chart_specification import (
    BEFORE,
    BEFORE_WORDS,
    HEIGHT,
    MARKS,
    POINTS,
    X_TITLES,
    specification,
)
from pages.components.shell.palette import lines_of, plain_line
from pages.components.shell.state import snapshot_of, store
from pages.components.shell.streamlit_gaps import StateMark, escape
from pages.components.shell.theme import chart_text
from pipeline.runs.store import RunRecord
from pipeline.runtime.messages.snapshot import Snapshot
from pipeline.studio.charts import chart_annotations, curves, watches
from pipeline.studio.charts.curves import Charts, XAxis
from pipeline.studio.charts.watches import WatchChart, Watches
from pipeline.studio.run import ancestry

SHARED_SECONDS = 1.0
"""Browsers that view the same run within this time share the same data."""
EXPANDER = "more_charts"


@dataclass(frozen=True)
class ChartSettings:
    """The chart settings from the sidebar."""

    x: XAxis
    smoothing: float
    log: bool


def chart_settings() -> ChartSettings:
    """Draw the chart settings and return them."""
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
        help="Weight of the past in the exponential moving average that each line shows. The band shows the raw "
        "values. Points, which are measured with a sample grid, are never smoothed.",
    )
    log = st.toggle("Logarithmic scale", key="chart_log", persist_state="session")
    return ChartSettings(x, smoothing, log)


@dataclass(frozen=True)
class _Drawn:
    """The data of all charts of a run."""

    record: RunRecord
    charts: Charts
    before: Mapping[str, pa.Table]
    """Data from before a fork, by chart title; only charts that have some."""
    watches: Watches
    watched_before: Mapping[str, pa.Table]
    """Data from before a fork, by watch expression; only watches that have some."""
    marks: pa.Table
    more: frozenset[str]
    """Titles of the charts under "More charts"."""


def training_charts(run: str, settings: ChartSettings) -> None:
    """The run's charts and watches, two in a row, and a note if they show only part of the recorded steps."""
    snapshot = snapshot_of(run)
    # While a run is idle its data is cached by state; while it is busy, browsers share data for a second.
    still = None if snapshot.busy else (snapshot.mark, snapshot.step)
    opened = bool(st.session_state.get(EXPANDER))
    drawn = _drawn(run, settings.x, settings.smoothing, opened, snapshot.watching.watches, snapshot.mark, still)
    marked = pa.concat_tables([drawn.marks, chart_annotations.current_step_mark(drawn.record, snapshot, settings.x)])

    def show(title: str) -> None:
        _chart(title, drawn, marked, settings)

    titles = list(drawn.charts.charts)
    if not titles:
        st.caption("Curves appear after the first training step.")
    _in_rows(
        [
            *(partial(show, title) for title in titles if title not in drawn.more),
            *(partial(_watch, each, drawn, marked, settings) for each in drawn.watches.charts),
        ]
    )
    if sentence := _how_much(drawn, snapshot):
        st.caption(sentence)
    if drawn.more:
        with st.expander("More charts", key=EXPANDER, on_change="rerun"):
            # While the expander is closed, nothing is read for these charts.
            _in_rows([partial(show, title) for title in titles if title in drawn.more])


def _in_rows(cells: Sequence[Callable[[], None]]) -> None:
    for start in range(0, len(cells), 2):
        for column, show in zip(st.columns(2), cells[start : start + 2], strict=False):
            with column:
                show()


def _chart(title: str, drawn: _Drawn, marked: pa.Table, settings: ChartSettings) -> None:
    chart, before = drawn.charts.charts[title], drawn.before.get(title)
    lines = lines_of(chart.series, chart.measured)
    spec = specification(title, chart.unit, lines, settings.x, settings.log, forked=before is not None)
    alt = f"{title} over {X_TITLES[settings.x].lower()}: {' and '.join(chart.metrics)}"
    _draw(f"chart {title}", spec, chart.points, before, marked, alt)


def _watch(watch: WatchChart, drawn: _Drawn, marked: pa.Table, settings: ChartSettings) -> None:
    """The chart of an expression or, if this run cannot evaluate it, the reason."""
    title = watch.expression
    if watch.points is None:
        with st.container(border=True, height=HEIGHT):
            st.markdown(f"**{escape(title)}**")
            st.markdown(escape(watch.refusal))
        return
    before = drawn.watched_before.get(title)
    line, forked = plain_line(title), before is not None
    spec = specification(title, "value", (line,), settings.x, settings.log, forked=forked, condition=watch.is_condition)
    alt = f"Watch {title} over {X_TITLES[settings.x].lower()}"
    _draw(f"watch {title}", spec, watch.points, before, marked, alt)


def _draw(
    key: str, spec: dict[str, Any], points: pa.Table, before: pa.Table | None, marked: pa.Table, alt: str
) -> None:
    datasets = {POINTS: points, MARKS: marked}
    if before is not None:
        datasets[BEFORE] = before
        alt += f", in grey {BEFORE_WORDS}"
    st.vega_lite_chart(
        spec=spec | {"config": chart_text(), "datasets": datasets}, height=HEIGHT, width="stretch", key=key, alt=alt
    )


def _how_much(drawn: _Drawn, snapshot: Snapshot) -> str:
    """Say how many of the recorded steps are drawn, if not all, and at which step a rewound run is."""
    charts, watched, sentences = drawn.charts, drawn.watches, []
    if charts.recorded > charts.shown:
        sentences.append(
            f"{charts.shown:,} of {charts.recorded:,} steps drawn: each point is the last of several steps, "
            "and the band their range."
        )
    if watched.charts and watched.recorded > watched.evaluated:
        sentences.append(f"Watches show the last {watched.evaluated:,} of {watched.recorded:,} steps.")
    if snapshot.step < snapshot.head:
        sentences.append(
            f"The solid vertical line marks the run's current step, {snapshot.step:,} of {snapshot.head:,}."
        )
    return " ".join(sentences)


@st.cache_resource(show_spinner=False, ttl=SHARED_SECONDS, max_entries=50)
def _drawn(
    run: str, x: XAxis, smoothing: float, opened: bool, expressions: tuple[str, ...], mark: StateMark, still: object
) -> _Drawn:
    """The charts, cached. opened: whether "More charts" is open. still: cache key of an idle run's state; None while
    the run is busy."""
    record = store().run(run)
    drawn, more = _charts(run, x, smoothing, opened, mark, still or curves.redraw_counter(record))
    forked = record.parent is not None
    wanted = tuple((title, chart.metrics) for title, chart in drawn.charts.items())
    return _Drawn(
        record,
        drawn,
        _before(run, x, smoothing, wanted) if forked else {},
        _watched(run, x, smoothing, expressions, mark, still or watches.band_at(record.step))
        if expressions
        else Watches(),
        _watched_before(run, x, smoothing, expressions) if forked and drawn.recorded else {},
        chart_annotations.marks(store(), record, x),
        more,
    )


@st.cache_resource(show_spinner=False, max_entries=50)
def _charts(
    run: str, x: XAxis, smoothing: float, opened: bool, mark: StateMark, reached: object
) -> tuple[Charts, frozenset[str]]:
    """The charts, and the titles of those under "More charts". Read again when the trainer's state changes and, while
    the run moves, when there is something new to show."""
    record = store().run(run)
    first, more = curves.groups(store(), record)
    return curves.charts(store(), record, {**first, **more} if opened else first, x, smoothing), frozenset(more)


@st.cache_resource(show_spinner=False, max_entries=50)
def _before(
    run: str, x: XAxis, smoothing: float, wanted: tuple[tuple[str, tuple[str, ...]], ...]
) -> Mapping[str, pa.Table]:
    """Chart data from before the fork. Cached, because it never changes."""
    return ancestry.before(store(), store().run(run), dict(wanted), x, smoothing)


@st.cache_resource(show_spinner=False, max_entries=50)
def _watched(
    run: str, x: XAxis, smoothing: float, expressions: tuple[str, ...], mark: StateMark, reached: object
) -> Watches:
    """The watches, evaluated again when the trainer's state changes and, while the run is busy, with each new band."""
    return watches.watches(store(), store().run(run), expressions, x, smoothing)


@st.cache_resource(show_spinner=False, max_entries=50)
def _watched_before(run: str, x: XAxis, smoothing: float, expressions: tuple[str, ...]) -> Mapping[str, pa.Table]:
    return watches.history_before_fork(store(), store().run(run), expressions, x, smoothing)
