"""Runs and their forks as a tree over the steps that each trained."""

from collections.abc import Collection, Sequence

import altair as alt
import pandas as pd
import streamlit as st

from pages.components.shell import notices
from pages.components.shell.page_paths import TRAIN
from pages.components.shell.palette import COLOURS, NEUTRAL
from pages.components.shell.theme import chart_text
from pipeline.formatting import shortened
from pipeline.runs.lineage import Relative

ROW = 28
"""Height of a run's line in pixels."""
MOST = 100
"""Runs that are drawn."""
LONGEST = 32
"""Characters of a run's name."""


def tree_view(runs: Sequence[Relative], chosen: Collection[str]) -> None:
    """The tree: a bar for each run, from the step at which it began to its last, forks below their run. chosen: ids of
    the runs to emphasise."""
    if not runs:
        notices.empty(
            "No run was forked yet. Fork one with More on Train: forks appear here, each below its run.",
            TRAIN,
            "Go to Train",
        )
        return
    if len(runs) > MOST:
        st.caption(f"The newest {MOST:,} of {len(runs):,} runs that are forks or were forked.")
    drawn = runs[:MOST]
    st.altair_chart(
        _chart(drawn, chosen), width="stretch", height=ROW * len(drawn) + 84, key="fork_tree", alt=_words(drawn)
    )


def _chart(runs: Sequence[Relative], chosen: Collection[str]) -> alt.LayerChart:
    rows = {run.id: row for row, run in enumerate(runs)}
    bars = pd.DataFrame([_bar(run, row, run.id in chosen) for run, row in zip(runs, rows.values(), strict=True)])
    forks = pd.DataFrame(
        [
            {"step": run.parent_step, "from": rows[run.parent] + 0.25, "to": rows[run.id]}
            for run in runs
            if run.parent in rows
        ],
        columns=["step", "from", "to"],
    )
    scale = alt.Scale(domain=[-0.6, len(runs) - 0.4], reverse=True, nice=False, zero=False)
    y = alt.Y("row:Q", scale=scale, axis=None)
    x = alt.X("first:Q", title="Step", axis=alt.Axis(format=",~r", gridOpacity=0.4))
    colour = alt.condition("datum.chosen", alt.value(COLOURS["blue"]), alt.value(NEUTRAL))
    tips = [
        alt.Tooltip("name:N", title="Run"),
        alt.Tooltip("state:N", title="State"),
        alt.Tooltip("first:Q", title="From step", format=","),
        alt.Tooltip("last:Q", title="To step", format=","),
        alt.Tooltip("changed:N", title="Changed"),
    ]
    trained = alt.Chart(bars).mark_bar(size=6).encode(x=x, x2="last:Q", y=y, color=colour, tooltip=tips)
    names = (
        alt.Chart(bars)
        .mark_text(align="left", baseline="bottom", dy=-4, fontSize=12, clip=False)
        .encode(x="first:Q", y=y, text="words:N", color=colour, tooltip=tips)
    )
    links = (
        alt.Chart(forks)
        .mark_rule(color=NEUTRAL, strokeDash=[3, 2])
        .encode(x="step:Q", y=alt.Y("from:Q", scale=scale, axis=None), y2="to:Q")
    )
    chart: alt.LayerChart = (
        alt.layer(links, trained, names)
        .properties(title=alt.TitleParams("Runs and their forks", offset=4))
        .configure(**chart_text())
    )
    return chart


def _bar(run: Relative, row: int, chosen: bool) -> dict[str, object]:
    first = run.parent_step or 0
    name = shortened(run.name, LONGEST)
    others = [run.changed] if run.changed and run.changed not in name else []
    if run.archived:
        others.append("archived")
    return {
        "row": row,
        "name": run.name,
        "state": run.state,
        "first": first,
        "last": max(first, run.step),
        "changed": run.changed,
        "chosen": chosen,
        "words": " · ".join([f"{'▸ ' if chosen else ''}{name}", run.state, f"step {run.step:,}", *others]),
    }


def _words(runs: Sequence[Relative]) -> str:
    """The tree for screen readers."""
    told = [f"{run.name}, from step {run.parent_step or 0:,} to {run.step:,}, depth {run.depth}" for run in runs[:20]]
    return f"Tree of {len(runs):,} runs and forks: {'; '.join(told)}"
