"""The Queue menu beside Start run: train the workflow later, when the device is free or from a time on; or submit it as
a job."""

import streamlit as st

from pages.components.shell import notices
from pages.components.shell.queueing import add_to_queue, start_time_field
from pages.components.workflow import draft
from pages.components.workflow.submit_form import submit_form
from pipeline.graph.check import Report
from pipeline.studio.drafts import Draft

MENU, PLACE, AT = "queue_menu", "queue", "queue_at"
WHERE = "queue_where"
WIDTH = 420
PLACES = {"here": "This dashboard's queue", "job": "A cluster's queue"}


def queue_menu(now: Draft, report: Report) -> None:
    """The menu. A fork cannot wait: it goes on with the networks of a run as they are when it starts."""
    about = "Train this workflow later: when the device is free, from a time on, or as a job on a cluster."
    if now.descent.forking:
        about = (
            "A fork cannot wait in the queue. Choose Start at step 0 instead, to train this workflow from there, or "
            "`python -m pipeline submit --fork`."
        )
    elif not report.ok:
        about = "Correct the problems below the graph first."
    able = report.ok and not now.descent.forking
    with (
        st.popover("Queue", key=MENU, help=about, on_change="rerun", disabled=not able),
        st.container(width=WIDTH),
    ):
        notices.show(PLACE)
        where = st.segmented_control(
            "Where", list(PLACES), default="here", required=True, format_func=PLACES.__getitem__, key=WHERE,
            label_visibility="collapsed",
        )  # fmt: skip
        if where == "job":
            submit_form(MENU, report)
            return
        start_time_field(AT)
        st.button(
            "Add to queue",
            key="add_to_queue",
            type="primary",
            width="stretch",
            icon=":material/playlist_add:",
            disabled=not able,
            on_click=_add,
        )


def _add() -> None:
    # Both are read when the click arrives, because a field may have been left by the same click.
    if add_to_queue(draft.current().workflow, str(st.session_state.get(AT, "")), PLACE):
        st.session_state[MENU] = False
        st.session_state[AT] = ""
