"""What differs between the chosen runs, and how their settings lead to their results."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from pages.components.runs.parallel_chart import HEIGHT, chart_words, fitting, parallel_chart
from pages.components.runs.run_lines import lines_of_runs
from pages.components.shell.state import store
from pipeline.runs.store import RunRecord
from pipeline.studio.comparison.run_table import columns_of
from pipeline.studio.comparison.runs_view import RunsView
from pipeline.studio.comparison.settings import Axis, axes, settings_that_differ

VALUE = 150
"""Width of a run's column in pixels."""


def settings_view(view: RunsView, runs: Sequence[RunRecord]) -> None:
    """A table of the settings that differ, and parallel coordinates of settings and results."""
    st.subheader("What differs", anchor=False)
    found = settings_that_differ(runs)
    lines = list(lines_of_runs(runs).values())
    names = [line.name for line in lines]
    if not found:
        st.caption("Their workflows are the same." if len(runs) > 1 else "Choose another run to compare it with.")
    else:
        table = pd.DataFrame(
            [
                {"Node": each.node, "Setting": each.what or "Node", **dict(zip(names, each.words, strict=True))}
                for each in found
            ]
        )
        # Names may be long: the values of four runs are seen at once.
        widths = {name: st.column_config.TextColumn(width=VALUE) for name in names}
        st.dataframe(table, hide_index=True, key="settings_that_differ", column_config=widths,
                     alt=f"{len(found)} settings that differ between {len(runs)} runs")  # fmt: skip
    st.subheader("Settings and results", anchor=False)
    found_axes = axes(store(), runs, columns_of(view))
    if len(runs) < 2 or len(found_axes) < 2:
        st.caption("From two runs with a setting or a result that differs, each run is a line across the axes.")
        return
    drawn = fitting(found_axes)
    if left_out := len(found_axes) - len(drawn):
        st.caption(f"The chart has room for {len(drawn)} axes; {left_out} more are in the table.")
    st.altair_chart(
        parallel_chart(drawn, lines),
        width="stretch",
        height=HEIGHT,
        key="parallel",
        alt=chart_words(drawn, lines),
    )
    numbers = {axis.title: st.column_config.NumberColumn(format="%.4g") for axis in found_axes if axis.numeric}
    st.dataframe(_results(found_axes, names), hide_index=True, key="results", column_config=numbers,
                 alt="The settings and results of the chart as a table")  # fmt: skip


def _results(drawn: Sequence[Axis], names: Sequence[str]) -> pd.DataFrame:
    return pd.DataFrame({"Run": names, **{axis.title: list(axis.values) for axis in drawn}})
