"""The dialog *Start from weights*: a file on the server, which of its tensors fit, and the button that starts a run."""

from functools import partial

import streamlit as st

from pages.components.shell.starting import request_start
from pages.components.shell.state import drawing_engine, trainer, user_name
from pages.components.shell.streamlit_gaps import escape
from pages.components.workflow import draft
from pipeline.errors.base import GenscopeError
from pipeline.graph.check import Report
from pipeline.nodes.training_subgraph import networks, training_subgraph
from pipeline.runtime.messages.answers import FittedWeights
from pipeline.studio.run import training

OPEN = "weights_dialog"
AS_NAMED = "as the names in the file say"


def weights_button(report: Report) -> None:
    """The button that opens the dialog."""
    st.button(
        "Start from weights…",
        key="start_from_weights",
        icon=":material/file_open:",
        width="stretch",
        disabled=not report.ok,
        help="Start a new run of this workflow with trained weights from a file on the server."
        if report.ok
        else "Correct the problems below the graph first.",
        on_click=_open,
    )


def weights_dialog(report: Report) -> None:
    """The dialog, if it is open."""
    if st.session_state.get(OPEN) and report.ok:
        _dialog(report)


def _open() -> None:
    st.session_state[OPEN] = True
    st.session_state.open_menu = False


def _close() -> None:
    st.session_state.pop(OPEN, None)


@st.dialog("Start from weights", width="medium", on_dismiss=_close)
def _dialog(report: Report) -> None:
    path = st.text_input(
        "File on the server",
        key="weights_path",
        placeholder="/data/model.pth",
        help="A .safetensors or .pth file: one that `export` has written, or any state dict. No file can run code.",
    ).strip()
    roles = list(networks(training_subgraph(report)))
    chosen = st.selectbox("Its weights are for", [AS_NAMED, *roles], key="weights_network")
    network = "" if chosen == AS_NAMED else chosen
    found = _fit(report, path, network) if path else None
    begin = partial(training.start, trainer(), draft.current().workflow, user_name(), weights=path, network=network)
    if st.button("Start run", key="weights_start", type="primary", disabled=found is None):
        _close()
        request_start(begin)
        st.rerun()


def _fit(report: Report, path: str, network: str) -> FittedWeights | None:
    """Say which tensors fit; None if the run cannot start."""
    try:
        with st.spinner("Reading the file"):
            found = training.weights_fit(drawing_engine(), report.workflow, path, network)
    except GenscopeError as error:
        st.error(escape(str(error)), icon=":material/error:")
        return None
    st.markdown(escape(found.sentence))
    st.code("\n".join(found.table), language=None)
    return found
