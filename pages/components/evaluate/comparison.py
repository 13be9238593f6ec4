"""Runs and checkpoints side by side: one table with intervals, and images from equal noise."""

from collections.abc import Sequence

import streamlit as st

from pages.components.draw.drawing import drawn
from pages.components.evaluate.fields import How, start
from pages.components.evaluate.numbers import ARROWS
from pages.components.evaluate.progress import show_progress, under_way
from pages.components.shell import notices
from pages.components.shell.state import store
from pages.components.shell.streamlit_gaps import escape
from pipeline.runs import catalogue
from pipeline.runs.evaluations import Evaluation
from pipeline.runs.store import RunRecord
from pipeline.runtime.messages.drawing_commands import Draw
from pipeline.studio.evaluation import tables
from pipeline.studio.evaluation.comparing import compare
from pipeline.studio.evaluation.sides import Side, measured_alike, sides, usual_sides
from pipeline.studio.evaluation.words import features_words
from pipeline.studio.sample_matrix import side_by_side_png

LETTERS = "ABCDE"
OFFERED = 50
"""Other runs in the list."""
PAIRS = 25
"""Images of each grid."""


def comparison(run: RunRecord, step: int, how: How) -> None:
    """The checkpoint of `step` beside others that are chosen. how: how all of them are measured."""
    others = catalogue.search(store(), limit=OFFERED).records
    offered = {side.title: side for side in sides(store(), run, step, others)}
    if not offered:
        notices.empty("There is nothing to compare this checkpoint with: train another run, or this one for longer.")
        return
    usual = [side.title for side in usual_sides(run, list(offered.values()))]
    chosen = st.multiselect(
        "Beside",
        list(offered),
        default=usual,
        max_selections=len(LETTERS) - 1,
        key=f"compare_with {run.id} {step}",
        placeholder="Choose runs or checkpoints",
    )
    if not chosen:
        notices.empty("Choose a run or a checkpoint to compare this one with.")
        return
    compared = [Side(run.id, step, f"{run.name}, step {step:,}"), *(offered[title] for title in chosen)]
    found = measured_alike(store(), compared, count=how.count, seed=how.seed, weights=how.weights)
    _evaluate_missing([side for side, each in zip(compared, found, strict=True) if each is None])
    named = zip(LETTERS, compared, strict=False)
    st.caption(" · ".join(f"**{letter}** {escape(side.title)}" for letter, side in named))
    _table([each for each in found if each is not None], len(compared))
    _grids(compared, how)


def _evaluate_missing(missing: Sequence[Side]) -> None:
    """A button that evaluates what has not been measured in this way, and the progress."""
    if not missing:
        return
    working = [side for side in missing if (at := under_way(side.run)) and not at.error]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            f"Evaluate {'it' if len(missing) == 1 else f'all {len(missing)}'} in this way",
            type="primary",
            key="evaluate_missing",
            icon=":material/query_stats:",
            disabled=bool(working),
            on_click=_start_each,
            args=(list(missing),),
        )
        st.caption(f"Not measured in this way yet: {escape('; '.join(side.title for side in missing))}.")
    for run in dict.fromkeys(side.run for side in missing):
        show_progress(run)


def _start_each(missing: list[Side]) -> None:
    steps: dict[str, list[int]] = {}
    for side in missing:
        steps.setdefault(side.run, []).append(side.step)
    for run, wanted in steps.items():
        start(run, tuple(wanted))


def _table(found: Sequence[Evaluation], wanted: int) -> None:
    if len(found) < wanted:
        return
    rows = notices.try_or_show(compare, found)
    if rows is None:
        return
    way = found[0].way
    st.caption(
        escape(
            f"{way.count:,} images of seed {way.seed} each, against {found[0].held_out:,} held-out images of "
            f"{way.data}. Features: {features_words(way)}. A difference is put into words only where the 95% intervals "
            "allow it."
        )
    )
    st.dataframe(
        tables.comparison(rows, LETTERS),
        hide_index=True,
        height="content",
        key="comparison_table",
        alt="What each metric measured of each checkpoint, and whether they differ",
        column_config={"Metric": st.column_config.TextColumn(help=ARROWS)},
    )


def _grids(compared: Sequence[Side], how: How) -> None:
    """A grid of each, all from the same noise."""
    st.markdown("**Images from equal noise**")
    pictures: list[tuple[str, bytes]] = []
    for column, letter, side in zip(st.columns(len(compared)), LETTERS, compared, strict=False):
        with column:
            command = Draw(run=side.run, step=side.step, count=PAIRS, seed=how.seed, weights=how.weights)
            grid = drawn(command, side.step, f"compare {letter}")
            if grid is not None:
                st.markdown(f":small[**{letter}** {escape(side.title)}]")
                alt = f"{PAIRS} generated images of {side.title}, seed {how.seed}"
                st.image(grid.png, width="stretch", output_format="PNG", alt=alt)
                pictures.append((f"{letter} {side.title}", grid.png))
    if len(pictures) == len(compared):
        st.download_button(
            "Download PNG",
            side_by_side_png(pictures),
            f"{compared[0].run}-step-{compared[0].step}-compared.png",
            "image/png",
            key="download_comparison",
            icon=":material/download:",
            on_click="ignore",
            help="With its labels. The PNG contains the workflow of A: open it on the Workflow page to restore it.",
        )
