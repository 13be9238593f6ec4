"""The Use in workflow button and, after it was pressed, a summary of the changes with a link to the workflow."""

import streamlit as st

from pages.components.shell.notices import run_command
from pages.components.shell.page_paths import WORKFLOW
from pages.components.shell.streamlit_gaps import escape
from pages.components.workflow import draft
from pipeline.graph.check import Report
from pipeline.studio.data import data_nodes
from pipeline.studio.data.datasets import DataChoice


def use_button(choice: DataChoice, drafted: DataChoice | None, *, usable: bool) -> None:
    """The button; disabled if the workflow already uses this set. usable: whether the set has images."""
    here = choice == drafted
    # Not a callback: the click may arrive together with a value just typed, which `choice` already contains.
    clicked = st.button(
        "Use in workflow",
        key="use_data",
        type="primary",
        icon=":material/account_tree:",
        disabled=here or not usable,
        help="The workflow already uses this data set."
        if here
        else "Replace the workflow's data with this set, prepared as above. Undo on the Workflow page reverts it.",
    )
    if clicked:
        run_command(_use, choice)
        st.rerun()


def used_line(choice: DataChoice, report: Report) -> None:
    """If the workflow uses this set now: what was changed to fit it, how many problems remain, and a link."""
    used, changes = st.session_state.get("data_used", (None, ()))
    if used != choice or data_nodes.choice_of(report) != choice:
        return
    sentences = ["The workflow now uses this data set."]
    if changes:
        sentences.append(f"Changed to fit it: {escape('; '.join(changes))}.")
    if count := len(report.problems):
        sentences.append(f"It has {count} problem{'s' if count > 1 else ''} to correct.")
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        icon = ":material/error:" if report.problems else ":material/check:"
        st.markdown(f"{icon} {' '.join(sentences)}", width="content")
        st.page_link(WORKFLOW, label="Open Workflow", icon=":material/arrow_forward:")


def _use(choice: DataChoice) -> None:
    used = data_nodes.replace_data(draft.current().workflow, choice)
    draft.change(lambda _: used.workflow)
    st.session_state.data_used = (choice, used.changes)
