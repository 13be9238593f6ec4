"""The chosen runs side by side: curves, samples, what differs in their workflows, parameters against results."""

from collections.abc import Sequence

import streamlit as st

from pages.components.run.chart_axes import X_TITLES
from pages.components.runs.overlay_charts import OverlaySettings, overlay_charts
from pages.components.runs.run_lines import lines_of_runs
from pages.components.runs.runs_address import alter, set_field
from pages.components.runs.settings_view import settings_view
from pages.components.shell.state import store
from pages.components.shell.streamlit_gaps import CHART_SECONDS, LOOSE_SECONDS, escape
from pipeline.formatting import counted
from pipeline.runs import figures
from pipeline.runs.store import RunRecord
from pipeline.studio.comparison.metric_titles import in_charts_order, metric_title, of_training
from pipeline.studio.comparison.runs_view import RunsView
from pipeline.studio.run.history import last_grid

FIRST = 4
"""Charts that are drawn if none are chosen."""


def compare_settings(view: RunsView, runs: Sequence[RunRecord]) -> None:
    """The settings of the charts, for the sidebar."""
    st.subheader("Charts", anchor=False)
    names = _names(runs)
    set_field("compare_metrics", list(_chosen(view, names)))
    st.multiselect(
        "Metrics",
        list(dict.fromkeys([*view.metrics, *names])),
        format_func=metric_title,
        key="compare_metrics",
        on_change=lambda: alter(metrics=tuple(st.session_state.compare_metrics)),
    )
    set_field("compare_over", view.over)
    st.selectbox(
        "Over",
        list(X_TITLES),
        format_func=str.capitalize,
        key="compare_over",
        on_change=lambda: alter(over=st.session_state.compare_over),
    )
    # As on Train and in TensorBoard: a weight. The address keeps it in percent.
    set_field("compare_smoothing", view.smoothing / 100)
    st.slider(
        "Smoothing",
        0.0,
        0.99,
        step=0.01,
        key="compare_smoothing",
        help="Weight of the past in the moving average that each line shows. The band shows the raw values.",
        on_change=lambda: alter(smoothing=round(100 * st.session_state.compare_smoothing)),
    )
    for field, label in (("log", "Logarithmic scale"), ("clip", "Clip outliers")):
        _switch(view, field, label)


def compare_view(view: RunsView, runs: Sequence[RunRecord]) -> None:
    """The comparison, or what to do to see one."""
    if missing := len(view.chosen) - len(runs):
        st.caption(
            f"{counted(missing, 'chosen run')} {'is' if missing == 1 else 'are'} not here: deleted, or of another "
            "Genscope."
        )
    if not runs:
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.markdown(
                "Tick runs in the table: their curves, samples and settings are then compared here.", width="content"
            )
            _table_button("Show the table")
        return
    if len(runs) == 1:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption("One run is chosen. Tick another one in the table to compare it with.", width="content")
            _table_button("Choose more")
    busy = any(run.state == "running" for run in runs)
    st.fragment(_charts, run_every=CHART_SECONDS if busy else None)(view)
    st.subheader("Newest samples", anchor=False)
    st.fragment(_samples, run_every=LOOSE_SECONDS if busy else None)(runs)
    settings_view(view, runs)


def _table_button(label: str) -> None:
    st.button(label, key="show_table", icon=":material/table_rows:", on_click=alter, kwargs={"show": "table"})


def _charts(view: RunsView) -> None:
    known = {run.id: run for run in store().named(view.chosen)}
    runs = [known[run] for run in view.chosen if run in known]
    settings = OverlaySettings(view.over, view.smoothing / 100, view.log, view.clip)
    overlay_charts(runs, _chosen(view, _names(runs)), settings)


def _samples(runs: Sequence[RunRecord]) -> None:
    lines = lines_of_runs(runs)
    columns = min(len(runs), 4)
    for start in range(0, len(runs), columns):
        for column, run in zip(st.columns(columns), runs[start : start + columns], strict=False):
            with column:
                label, grid = lines[run.id].name, last_grid(store(), run.id)
                if grid is None:
                    st.caption(f"{escape(label)}: no samples yet")
                    continue
                caption = f"{escape(label)}, after {counted(grid[0], 'step')}"
                st.image(grid[1], caption=caption, width="stretch", output_format="PNG", alt=f"Samples of {label}")


def _names(runs: Sequence[RunRecord]) -> list[str]:
    """The metrics that any of the runs has."""
    found = figures.figures(store(), [run.id for run in runs])
    counts: dict[str, int] = {}
    for known in found.values():
        for name in known:
            counts[name] = counts.get(name, 0) + 1
    return in_charts_order(counts, counts)


def _chosen(view: RunsView, names: Sequence[str]) -> tuple[str, ...]:
    return view.metrics or tuple(of_training(names)[:FIRST])


def _switch(view: RunsView, field: str, label: str) -> None:
    key = f"compare_{field}"
    set_field(key, getattr(view, field))
    st.toggle(label, key=key, on_change=lambda: alter(**{field: st.session_state[key]}))
