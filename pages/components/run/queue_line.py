"""What the queue has to do with the run on the page: runs that wait for it, or the run that has taken its place."""

import streamlit as st

from pages.components.shell.page_paths import TRAIN
from pages.components.shell.readiness import loaded
from pages.components.shell.starting import request_next, rerun_if_asked
from pages.components.shell.state import loaded_snapshot, snapshot_of, store
from pages.components.shell.streamlit_gaps import escape
from pipeline.runs.store import RunRecord
from pipeline.studio.queue.run_words import successor_words, waiting_words

_SEEN = "run_seen_loaded"
"""Key of the run that this browser has last shown while the engine had it loaded."""


def queue_line(record: RunRecord) -> None:
    """One of the two, if there is one."""
    rerun_if_asked()
    if loaded(snapshot_of(record.id)):
        st.session_state[_SEEN] = record.id
        _waiting()
    elif st.session_state.get(_SEEN) == record.id:
        _successor(record)


def _waiting() -> None:
    """That others wait for a paused run, and the button that starts the next of them."""
    if sentence := waiting_words(store(), loaded_snapshot()):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f":material/hourglass_top: {escape(sentence)}", width="content")
            st.button(
                "Start next",
                key="start_next",
                icon=":material/skip_next:",
                help="Start the first run of the queue now. This run stays as it is, and can be resumed at any time.",
                on_click=request_next,
            )


def _successor(record: RunRecord) -> None:
    """Which run is trained since this one gave way, and a link to it."""
    now = loaded_snapshot()
    if sentence := successor_words(store(), record, now):
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.markdown(f":material/info: {escape(sentence)}", width="content")
            st.page_link(TRAIN, label="Open it", icon=":material/arrow_forward:", query_params={"run": now.run})
