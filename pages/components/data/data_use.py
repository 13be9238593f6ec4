"""Putting a chosen set into the workflow, and the way there."""

import streamlit as st

from pages.components.shell.escape import plain
from pages.components.shell.notices import carry_out
from pages.components.workflow import draft
from pipeline.graph.check import Report
from pipeline.studio.data import data_nodes
from pipeline.studio.data.datasets import DataChoice

WORKFLOW = "pages/1_Workflow.py"


def use_button(choice: DataChoice, drafted: DataChoice | None, *, usable: bool) -> None:
    """The button, which is grey where the workflow learns from this set already. usable: whether it has images."""
    here = choice == drafted
    # Not by a callback: what was typed last may have come with the very click, and `choice` has it.
    asked = st.button(
        "Use in workflow",
        key="use_data",
        type="primary",
        icon=":material/account_tree:",
        disabled=here or not usable,
        help="The workflow learns from this already."
        if here
        else "Puts this set, prepared like this, in the place of the workflow's data. Undo on Workflow takes it back.",
    )
    if asked:
        carry_out(_use, choice)
        st.rerun()


def used_line(choice: DataChoice, report: Report) -> None:
    """Where the workflow learns from this set: what was changed for it, what does not fit yet, and the way there."""
    used, changes = st.session_state.get("data_used", (None, ()))
    if used != choice or data_nodes.choice_of(report) != choice:
        return
    sentences = ["The workflow learns from this set now."]
    if changes:
        sentences.append(f"Set to fit it: {plain('; '.join(changes))}.")
    if count := len(report.problems):
        sentences.append(f"It has {count} problem{'s' if count > 1 else ''} to be corrected.")
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        icon = ":material/error:" if report.problems else ":material/check:"
        st.markdown(f"{icon} {' '.join(sentences)}", width="content")
        st.page_link(WORKFLOW, label="Open Workflow", icon=":material/arrow_forward:")


def _use(choice: DataChoice) -> None:
    used = data_nodes.use_in(draft.current().workflow, choice)
    draft.change(lambda _: used.workflow)
    st.session_state.data_used = (choice, used.changes)
