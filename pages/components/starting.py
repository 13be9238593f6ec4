"""Starting a run from a page, and what to do where another run is under way."""

from typing import Literal

import streamlit as st

from pages.components.state import trainer, who
from pipeline.errors import Answered, GenscopeError
from pipeline.graph.workflow import Workflow
from pipeline.studio import training, workflows
from pipeline.studio.workflows import Template

TRAIN = "pages/2_Train.py"


def start_button(label: str, template: Template, key: str, type: Literal["primary", "secondary"] = "secondary") -> None:  # noqa: A002
    """A button that starts a template as it is."""
    if st.button(label, key=key, icon=":material/play_arrow:", type=type, help="Starts a new run of this template."):
        start(workflows.open_template(template.name))


def start(workflow: Workflow, *, switch: bool = False) -> None:
    """Starts a run and goes to Train; where another run is under way, asks whether to pause that one first."""
    try:
        with st.spinner("Preparing the run"):
            run = training.start(trainer(), workflow, who(), switch=switch)
    except Answered as refused:
        if refused.kind == "RunUnderWay":
            st.session_state.waiting_to_start = (workflow, str(refused))
        else:
            st.session_state.notice = str(refused)
        st.rerun()
    except GenscopeError as error:
        st.session_state.notice = str(error)
        st.rerun()
    st.session_state.pop("waiting_to_start", None)
    st.switch_page(TRAIN, query_params={"run": run})


def ask_to_switch() -> None:
    """Where a start was refused because of another run: says whose it is, and offers to pause it and switch."""
    if "waiting_to_start" not in st.session_state:
        return
    workflow, sentence = st.session_state.waiting_to_start
    st.warning(sentence, icon=":material/swap_horiz:")
    with st.container(horizontal=True):
        switch = st.button("Pause it and start mine", key="switch_run", type="primary")
        if st.button("Leave it running", key="keep_run"):
            del st.session_state.waiting_to_start
            st.rerun()
    if switch:
        start(workflow, switch=True)
