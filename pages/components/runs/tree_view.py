"""Runs and their forks as a tree over the steps that each trained."""

from collections.abc import Sequence

import altair as alt
import pandas as pd
import streamlit as st

from pages.components.runs.run_lines import lines_of_runs
from pages.components.shell import notices
from pages.components.shell.palette import NEUTRAL
from pages.components.shell.theme import chart_text
from pipeline.runs.store import RunRecord
from pipeline.studio.comparison.lineage import Branch, lineage

ROW = 28
"""Height of a run's line in pixels."""
INDENT = "\u2003"
"""A space as wide as the letters are high."""


def tree_view(runs: Sequence[RunRecord]) -> None:
    """The tree: a bar for each run, from the step at which it began to its last, forks below their run."""
    if not runs:
        notices.empty("No runs to draw. Forks of a run appear below it, at the step where they began.")
        return
    branches = lineage(runs)
    st.altair_chart(_chart(branches), width="stretch", height=ROW * len(branches) + 60, key="fork_tree", theme=None)


def _chart(branches: Sequence[Branch]) -> alt.LayerChart:
    labels = {run: line.name for run, line in lines_of_runs([each.run for each in branches]).items()}
    bars = pd.DataFrame([_bar(each, labels[each.run.id]) for each in branches])
    order = bars["label"].tolist()
    forks = pd.DataFrame(
        [
            {"step": each.first, "from": order[each.above], "label": order[each.row]}
            for each in branches
            if each.above is not None
        ],
        columns=["step", "from", "label"],
    )
    axis = alt.Axis(title=None, labelLimit=320, labelAlign="left", labelPadding=320, ticks=False, domain=False)
    y = alt.Y("label:N", sort=order, axis=axis)
    x = alt.X("first:Q", title="Step", axis=alt.Axis(format=",~r", grid=True, gridOpacity=0.4))
    tips = [
        alt.Tooltip("name:N", title="Run"),
        alt.Tooltip("state:N", title="State"),
        alt.Tooltip("first:Q", title="From step", format=","),
        alt.Tooltip("last:Q", title="To step", format=","),
        alt.Tooltip("changed:N", title="Changed"),
    ]
    drawn = alt.Chart(bars).mark_bar(size=10, color=NEUTRAL).encode(x=x, x2="last:Q", y=y, tooltip=tips)
    ends = alt.Chart(bars).mark_text(align="left", dx=6, color=NEUTRAL).encode(x="last:Q", y=y, text="words:N")
    links = (
        alt.Chart(forks)
        .mark_rule(color=NEUTRAL, strokeDash=[3, 2])
        .encode(x="step:Q", y=alt.Y("from:N", sort=order), y2="label:N")
    )
    described = f"Tree of {len(branches)} runs: {'; '.join(bars['said'].head(20))}"
    chart: alt.LayerChart = alt.layer(links, drawn, ends).properties(description=described).configure(**chart_text())
    return chart


def _bar(branch: Branch, label: str) -> dict[str, object]:
    run = branch.run
    fork = f"{INDENT * branch.depth}└ " if branch.depth else ""
    return {
        "label": f"{fork}{label}",
        "name": label,
        "state": run.state,
        "first": branch.first,
        "last": branch.last,
        "changed": run.changed,
        "words": " · ".join(filter(None, [f"{run.step:,}", run.state, run.changed])),
        "said": f"{label} from step {branch.first:,} to {branch.last:,}",
    }
