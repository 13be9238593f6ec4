"""Charts of training curves and watches. Each specification is built once; after that only the data changes."""

from collections.abc import Callable, Sequence
from functools import partial

import pyarrow as pa
import streamlit as st

from pages.components.run.chart_data import Asked, Drawn, drawn
from pages.components.run.chart_settings import ChartSettings
from pages.components.run.chart_specification import (
    BEFORE,
    BEFORE_WORDS,
    HEIGHT,
    MARKS,
    POINTS,
    READOUT,
    VIEW,
    X_TITLES,
    specification,
)
from pages.components.run.chart_zoom import SENT, reset_button, selected, zoomed
from pages.components.run.shown_chart import Shown
from pages.components.run.stage_times import stages_sentence, stages_table
from pages.components.shell.browser import layout
from pages.components.shell.state import snapshot_of, store
from pages.components.shell.streamlit_gaps import escape, slot
from pages.components.shell.theme import chart_text
from pipeline.runtime.messages.snapshot import Snapshot
from pipeline.studio.charts import chart_annotations
from pipeline.studio.charts.curves import XAxis
from pipeline.studio.stages.stage_shares import stage_shares

EXPANDER = "more_charts"
SYSTEM = "system_charts"


def training_charts(
    run: str, settings: ChartSettings, columns: int = 2, beside: Sequence[Callable[[], None]] = ()
) -> None:
    """The run's charts and watches in rows, and a note if they show only part of the recorded steps.

    columns: number of cells in a row. beside: what to draw in the last column of the first rows, from the top.
    """
    snapshot = snapshot_of(run)
    # While a run is idle its data is cached by state; while it is busy, browsers share data for a second.
    still = None if snapshot.busy else (snapshot.mark, snapshot.step)
    asked = Asked(
        settings.x,
        settings.smoothing,
        settings.log,
        settings.clip,
        settings.chosen,
        bool(st.session_state.get(EXPANDER)),
        bool(st.session_state.get(SYSTEM)),
        snapshot.watching.watches,
        zoomed(run),
    )
    found = drawn(run, asked, snapshot.mark, still)
    marked = pa.concat_tables([found.marks, chart_annotations.current_step_mark(found.record, snapshot, settings.x)])

    def cells(charts: Sequence[Shown], kind: str) -> list[Callable[[], None]]:
        return [partial(_chart, each, f"{kind} {each.title}", marked, settings.x, run) for each in charts]

    with slot():
        reset_button(run)
    first = [*cells(found.charts, "chart"), *cells(found.watches, "watch")]
    _in_rows(first if found.charts else [_no_curves, *first], columns, beside)
    if sentence := _how_much(found, snapshot, asked):
        st.caption(sentence)
    if found.has_more:
        with st.expander("More charts", key=EXPANDER, on_change="rerun"):
            # While the expander is closed, nothing is read for these charts.
            _in_rows(cells(found.more, "chart"), columns)
    if found.has_system:
        with st.expander("System", key=SYSTEM, on_change="rerun"):
            shares = stage_shares(store(), found.record) if asked.system else None
            stages_sentence(shares)
            _in_rows(cells(found.system, "chart"), columns)
            stages_table(shares, found.record.device)


def _in_rows(cells: Sequence[Callable[[], None]], columns: int, beside: Sequence[Callable[[], None]] = ()) -> None:
    """Draw the cells in rows. beside: what fills the last column of the first rows."""
    left, last = list(cells), list(beside)
    while left or last:
        row = st.columns(columns)
        if last:
            with row.pop():
                last.pop(0)()
        for column, show in zip(row, left, strict=False):
            with column:
                show()
        left = left[len(row) :]


def _no_curves() -> None:
    st.caption("Curves appear after the first training step.")


def _chart(chart: Shown, key: str, marked: pa.Table, x: XAxis, run: str) -> None:
    """One chart or, for a watch that this run cannot evaluate, the reason."""
    if chart.points is None:
        with st.container(border=True, height=HEIGHT):
            st.markdown(f"**{escape(chart.title)}**")
            st.markdown(escape(chart.refusal))
        return
    names = [line.name for line in chart.lines]
    forked = chart.before is not None
    spec = specification(
        chart.title,
        chart.unit,
        chart.lines,
        x,
        chart.log,
        forked=forked,
        condition=chart.condition,
        percent=chart.percent,
        narrow=layout() == "narrow",
    )
    alt = f"{chart.title} over {X_TITLES[x].lower()}: {' and '.join(names)}"
    datasets = {POINTS: chart.points, READOUT: chart.readout, MARKS: marked, VIEW: chart.view}
    if forked:
        datasets[BEFORE] = chart.before
        alt += f", in grey {BEFORE_WORDS}"
    st.vega_lite_chart(
        spec=spec | {"config": chart_text(), "datasets": datasets},
        height=HEIGHT,
        width="stretch",
        key=key,
        alt=alt,
        on_select=partial(selected, key, run, x),
        selection_mode=SENT,
    )


def _how_much(found: Drawn, snapshot: Snapshot, asked: Asked) -> str:
    """Say how many of the recorded steps are drawn, if not all, and at which step a rewound run is."""
    sentences = []
    if found.recorded > found.drawn:
        point = "the smoothed value at the last" if asked.smoothing else "the last"
        sentences.append(
            f"{found.drawn:,} of {found.recorded:,} steps drawn: each point is {point} of several steps, "
            "and the band the range of their values."
        )
    if found.watches and found.watched > found.evaluated and asked.part is None:
        sentences.append(f"Watches show the last {found.evaluated:,} of {found.watched:,} steps.")
    if snapshot.step < snapshot.head:
        sentences.append(
            f"The solid vertical line marks the run's current step, {snapshot.step:,} of {snapshot.head:,}."
        )
    return " ".join(sentences)
