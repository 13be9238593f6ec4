"""The run header of the Train and Inspect pages: run name, status and control buttons."""

import streamlit as st

from pages.components.run.controls import run_controls, state_line, trouble
from pages.components.run.run_notices import run_notices
from pages.components.shell import notices
from pages.components.shell.page_paths import HOME
from pages.components.shell.questions import show_question
from pages.components.shell.shown_run import chosen_run
from pages.components.shell.streamlit_gaps import follow_state, mark_of, slot
from pipeline.runs.store import RunRecord
from pipeline.runtime.messages.snapshot import Snapshot


def run_or_stop(title: str, empty: str) -> RunRecord:
    """Return the run that the page shows. If there is none, show `empty` and stop the page."""
    heading = st.container()
    record = notices.try_or_show(chosen_run, title)
    if record is None:
        heading.title(title, anchor=False)
        notices.show()
        notices.empty(empty, HOME, "Go to Home")
        follow_state(mark_of())
        st.stop()
    return record


def run_header(record: RunRecord, snapshot: Snapshot) -> None:
    """Name and state, parent run, a row of buttons, and messages about the last command and the last stop."""
    state_line(record, snapshot)
    run_controls(record, snapshot)
    with slot():
        notices.show()
        show_question()
        trouble(snapshot)
        run_notices(record, snapshot)
