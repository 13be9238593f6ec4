"""Charts in which each run is a line: one for each chosen metric."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import streamlit as st

from pages.components.run.chart_axes import X_TITLES
from pages.components.run.chart_specification import HEIGHT, MARKS, POINTS, READOUT, VIEW, specification
from pages.components.run.shown_chart import Shown, with_data
from pages.components.runs.run_lines import lines_of_runs
from pages.components.shell.browser import layout
from pages.components.shell.state import store
from pages.components.shell.streamlit_gaps import escape
from pages.components.shell.theme import chart_text
from pipeline.runs.store import RunRecord
from pipeline.studio.charts import chart_view
from pipeline.studio.charts.curves import XAxis
from pipeline.studio.comparison.metric_titles import metric_title
from pipeline.studio.comparison.overlay import overlay

SHARED_SECONDS = 2.0
"""How long browsers that compare the same runs share the data of running ones."""
NO_MARKS = pa.table({name: pa.array([], kind) for name, kind in
                     {"x": pa.float64(), "kind": pa.string(), "label": pa.string()}.items()})  # fmt: skip


@dataclass(frozen=True)
class OverlaySettings:
    """How the charts are drawn."""

    x: XAxis
    smoothing: float
    log: bool
    clip: bool


def overlay_charts(runs: Sequence[RunRecord], metrics: Sequence[str], settings: OverlaySettings) -> None:
    """A chart for each metric, in rows of two or three."""
    columns = 3 if layout() == "wide" else 2
    for start in range(0, len(metrics), columns):
        for column, name in zip(st.columns(columns), metrics[start : start + columns], strict=False):
            with column:
                _chart(tuple(runs), name, settings)


def _chart(runs: tuple[RunRecord, ...], name: str, settings: OverlaySettings) -> None:
    chart, without = _drawn(tuple((run.id, run.name, run.step, run.state) for run in runs), name, settings)
    if chart is None:
        with st.container(border=True, height=HEIGHT):
            st.markdown(f"**{escape(metric_title(name))}**")
            st.caption("None of these runs has recorded it.")
        return
    spec = specification(
        chart.title,
        chart.unit,
        chart.lines,
        settings.x,
        chart.log,
        percent=chart.percent,
        narrow=layout() == "narrow",
    )
    drawn = {POINTS: chart.points, READOUT: chart.readout, VIEW: chart.view, MARKS: NO_MARKS}
    st.vega_lite_chart(
        spec=spec | {"config": chart_text(), "datasets": drawn},
        height=HEIGHT,
        width="stretch",
        key=f"overlay {name}",
        alt=f"{chart.title} over {X_TITLES[settings.x].lower()} of {', '.join(line.name for line in chart.lines)}",
    )
    if without:
        st.caption(f"Not recorded by {escape(', '.join(without))}.")


@st.cache_resource(show_spinner=False, ttl=SHARED_SECONDS, max_entries=100)
def _drawn(
    standing: tuple[tuple[str, str, int, str], ...], name: str, settings: OverlaySettings
) -> tuple[Shown | None, tuple[str, ...]]:
    """The chart, and the labels of the runs without a value. standing: id, name, step and state of each run, for the
    cache."""
    runs = [store().run(run) for run, *_ in standing]
    found = overlay(store(), runs, name, settings.x, settings.smoothing)
    lines = {run: line._replace(measured=found.measured) for run, line in lines_of_runs(runs).items()}
    without = tuple(lines[run].name for run in found.without)
    if not found.points.num_rows:
        return None, without
    shown = tuple(line for run, line in lines.items() if run not in found.without)
    named = pa.array([lines[run].name for run in found.points["run"].to_pylist()], pa.string())
    points = found.points.drop_columns(["run"]).add_column(1, "metric", named)
    chart = found.series.chart
    percent, linear, system = (chart.percent, chart.linear, chart.system) if chart is not None else (False,) * 3
    title = metric_title(name, found.series)
    plain = Shown(title, found.series.unit, shown, settings.log and not linear, percent, from_zero=system)
    until = {lines[run].name: end for run, end in found.ends.items()}
    axis = chart_view.extent([points])
    axis = (axis[0], max(axis[1], *until.values())) if until else axis
    return with_data(plain, points, None, axis, at=np.empty(0), clip=settings.clip, held_until=until), without
