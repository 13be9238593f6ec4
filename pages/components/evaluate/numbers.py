"""The table of what was measured at a checkpoint, and the metric that is chosen in it."""

import streamlit as st

from pages.components.evaluate.metric_details import metric_details
from pages.components.shell import notices
from pages.components.shell.browser import layout
from pages.components.shell.streamlit_gaps import escape
from pipeline.runs.evaluations import Evaluation
from pipeline.studio.evaluation import tables
from pipeline.studio.evaluation.history import same_way
from pipeline.studio.evaluation.words import compared_words, doubts, weights_words

WHY = (
    "The sliced distance, precision with recall, and AuthPct come first: with 1,000 images the Fréchet distance has a "
    "floor that hides small differences, and no distance shows copies of training images; AuthPct does."
)

ARROWS = "↓: lower values are better; ↑: higher ones; ≈: those near the floor."


def numbers(evaluations: list[Evaluation], step: int, *, busy: bool) -> None:
    """What was measured at the checkpoint of `step`: table on the left, the chosen metric on the right.

    evaluations: all of the run. busy: whether it is being evaluated.
    """
    found = [each for each in evaluations if each.step == step and each.results]
    if not found and busy:
        st.caption("Results appear here as they are measured.")
        return
    if not found:
        others = sorted({each.step for each in evaluations if each.results})
        known = f" There are results of step {', '.join(f'{each:,}' for each in others)}." if others else ""
        notices.empty(f"Step {step:,} has not been evaluated yet: press *Evaluate step {step:,}*.{known}")
        return
    shown = _pick_way(found)
    st.caption(escape(f"{compared_words(shown)} {' '.join(shown.remarks)}"), help=WHY)
    if doubt := doubts(shown):
        st.warning(escape(doubt), icon=":material/warning:")
    if layout() == "narrow":
        chosen = _table(shown)
        metric_details(shown, same_way(evaluations, shown.way), chosen)
        return
    left, right = st.columns([9, 5])
    with left:
        chosen = _table(shown)
    with right:
        metric_details(shown, same_way(evaluations, shown.way), chosen)


def _pick_way(found: list[Evaluation]) -> Evaluation:
    """The newest evaluation, or the one that is chosen if the checkpoint was measured in several ways."""
    newest = found[::-1]
    if len(newest) == 1:
        return newest[0]
    labels = {
        each.way.key: f"{each.way.count:,} images, seed {each.way.seed}, {weights_words(each.way)}, "
        f"{each.way.data}, {each.way.features}"
        for each in newest
    }
    key = st.selectbox("Measured with", list(labels), format_func=labels.__getitem__, key="evaluate_way")
    return next((each for each in newest if each.way.key == key), newest[0])


def _table(shown: Evaluation) -> str:
    """Draw the table and return the name of the chosen metric."""
    table = tables.results(shown)
    chosen = st.dataframe(
        table,
        hide_index=True,
        height="content",
        key="evaluate_table",
        on_select="rerun",
        selection_mode="single-cell",
        alt="What each metric measured, with its interval, its floor and how many images it compared",
        column_config={
            "Metric": st.column_config.TextColumn(width=196, help=f"{ARROWS} Select one to see what it means."),
            "Value": st.column_config.TextColumn(width=56, alignment="right"),
            "95% interval": st.column_config.TextColumn(
                width=108,
                alignment="right",
                help="It covers which images were drawn, not the training seed: another training of the same workflow "
                "may differ by more.",
            ),
            "Floor": st.column_config.TextColumn(
                width=56,
                alignment="right",
                help="The value for real images in place of generated ones; "
                "of reconstructions, that of training images.",
            ),
            "Images": st.column_config.TextColumn(width=88, help="Generated images against real ones."),
        },
    )
    names = tables.names(shown)
    rows = [row for row, _ in chosen["selection"]["cells"] if row < len(names)]
    return names[rows[0]] if rows else names[0]
