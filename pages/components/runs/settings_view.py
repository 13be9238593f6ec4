"""What differs between the chosen runs, and how their settings lead to their results."""

from collections.abc import Sequence

import altair as alt
import pandas as pd
import streamlit as st

from pages.components.runs.run_lines import lines_of_runs
from pages.components.shell.palette import DASHES, Line
from pages.components.shell.state import store
from pages.components.shell.theme import chart_text
from pipeline.formatting import number
from pipeline.runs.store import RunRecord
from pipeline.studio.comparison.run_table import columns_of
from pipeline.studio.comparison.runs_view import RunsView
from pipeline.studio.comparison.settings import Axis, axes, settings_that_differ

HEIGHT = 320
MOST_AXES = 12


def settings_view(view: RunsView, runs: Sequence[RunRecord]) -> None:
    """A table of the settings that differ, and parallel coordinates of settings and results."""
    st.subheader("What differs", anchor=False)
    found = settings_that_differ(runs)
    lines = lines_of_runs(runs)
    if not found:
        st.caption("Their workflows are the same." if len(runs) > 1 else "Choose another run to compare it with.")
    else:
        table = pd.DataFrame(
            [
                {"Node": each.node, "Setting": each.what or "Node", **dict(zip(_names(runs), each.words, strict=True))}
                for each in found
            ]
        )
        st.dataframe(table, hide_index=True, key="settings_that_differ",
                     alt=f"{len(found)} settings that differ between {len(runs)} runs")  # fmt: skip
    st.subheader("Settings and results", anchor=False)
    drawn = axes(store(), runs, columns_of(view))[:MOST_AXES]
    if len(runs) < 2 or len(drawn) < 2:
        st.caption("From two runs with a setting or a result that differs, each run is a line across the axes.")
        return
    st.altair_chart(_parallel(drawn, list(lines.values())), width="stretch", height=HEIGHT, key="parallel",
                    alt=_words(drawn, _names(runs)))  # fmt: skip
    st.dataframe(_results(drawn, _names(runs)), hide_index=True, key="results",
                 alt="The settings and results of the chart as a table")  # fmt: skip


def _names(runs: Sequence[RunRecord]) -> list[str]:
    return [line.name for line in lines_of_runs(runs).values()]


def _parallel(drawn: Sequence[Axis], lines: Sequence[Line]) -> alt.LayerChart:
    """One line for each run across the axes, each from its lowest to its highest value."""
    rows, ticks = [], []
    for axis in drawn:
        places = _places(axis)
        for line, value in zip(lines, axis.values, strict=True):
            if value is not None:
                rows.append({"axis": axis.title, "run": line.name, "place": places[value], "value": _shown(value)})
        ticks += [{"axis": axis.title, "place": place, "value": _shown(value)} for value, place in _ends(places)]
    order = [axis.title for axis in drawn]
    names = [line.name for line in lines]
    x = alt.X("axis:N", sort=order, title=None, axis=alt.Axis(labelAngle=0, labelLimit=170, domain=False, grid=True))
    y = alt.Y("place:Q", axis=None, scale=alt.Scale(domain=[-0.05, 1.05]))
    colour = alt.Color(
        "run:N",
        scale=alt.Scale(domain=names, range=[line.colour for line in lines]),
        legend=alt.Legend(title=None, orient="top"),
    )
    dash = alt.StrokeDash(
        "run:N", scale=alt.Scale(domain=names, range=[DASHES[line.dash] for line in lines]), legend=None
    )
    tips = [
        alt.Tooltip("run:N", title="Run"),
        alt.Tooltip("axis:N", title="Axis"),
        alt.Tooltip("value:N", title="Value"),
    ]
    across = (
        alt.Chart(pd.DataFrame(rows))
        .mark_line(point=True, strokeWidth=1.8)
        .encode(x=x, y=y, color=colour, strokeDash=dash, detail="run:N", tooltip=tips)
    )
    texts = alt.Chart(pd.DataFrame(ticks)).mark_text(align="left", dx=6, fontSize=11).encode(x=x, y=y, text="value:N")
    chart: alt.LayerChart = alt.layer(across, texts).configure(**chart_text())
    return chart


def _places(axis: Axis) -> dict[float | str, float]:
    """Where each value stands on its axis, 0 to 1; texts stand at equal distances in alphabetical order."""
    known = sorted({value for value in axis.values if value is not None}, key=_key)
    if axis.numeric and len(known) > 1:
        low, high = float(known[0]), float(known[-1])
        return {value: (float(value) - low) / (high - low) for value in known}
    return {value: (place / (len(known) - 1) if len(known) > 1 else 0.5) for place, value in enumerate(known)}


def _ends(places: dict[float | str, float]) -> list[tuple[float | str, float]]:
    """What is written beside an axis: its ends, or all texts."""
    every = list(places.items())
    return [every[0], every[-1]] if every and isinstance(every[0][0], float) else every


def _key(value: float | str) -> tuple[bool, float, str]:
    return (True, 0.0, value) if isinstance(value, str) else (False, value, "")


def _shown(value: float | str) -> str:
    return value if isinstance(value, str) else number(value)


def _results(drawn: Sequence[Axis], names: Sequence[str]) -> pd.DataFrame:
    return pd.DataFrame({"Run": names, **{axis.title: list(axis.values) for axis in drawn}})


def _words(drawn: Sequence[Axis], names: Sequence[str]) -> str:
    """The chart for screen readers."""
    return f"{len(names)} runs across {', '.join(axis.title for axis in drawn)}; the table below has the values"
