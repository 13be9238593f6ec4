"""Import runs from a bundle that another Genscope has written."""

from concurrent.futures import CancelledError
from functools import partial

import streamlit as st

from pages.components.runs.background_work import Work, WorkStopped
from pages.components.shell import notices
from pages.components.shell.done_message import Done, say_done
from pages.components.shell.state import store, user_name
from pipeline.errors.base import GenscopeError
from pipeline.studio.comparison.imports import import_content

WORK, NUMBER = "import_work", "import_number"


def import_form() -> None:
    """The form, folded; while an import is under way, its progress."""
    with st.expander("Import runs…", expanded=WORK in st.session_state, icon=":material/upload:"):
        work: Work[str] | None = st.session_state.get(WORK)
        if work is not None:
            if work.show("stop_import"):
                _ended(work)
            return
        key = f"import_file {st.session_state.get(NUMBER, 0)}"
        file = st.file_uploader(
            "Bundle of runs",
            ["zip"],
            key=key,
            help="A .zip file of runs: Download on this page makes one, and so does "
            "`python -m pipeline export RUN --to bundle`. Runs that are here already are passed over.",
        )
        st.button("Import", key="import_runs", width="stretch", disabled=file is None, on_click=_import, args=(key,))


def _import(key: str) -> None:
    file = st.session_state[key]
    st.session_state[WORK] = Work(partial(import_content, store(), file.name, bytes(file.getbuffer()), user_name()))
    # A field with another key is empty, and the server frees the file.
    st.session_state[NUMBER] = st.session_state.get(NUMBER, 0) + 1


def _ended(work: Work[str]) -> None:
    """Say what was imported or why nothing was, and draw the page again: with the new runs, and with the message at its
    top, since the form is folded by then."""
    del st.session_state[WORK]
    try:
        say_done(Done(work.answer.result()))
    except (WorkStopped, CancelledError):
        notices.set_message("Stopped; nothing was imported.")
    except GenscopeError as error:
        notices.set_message(str(error))
    st.rerun()
