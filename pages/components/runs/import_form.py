"""Import runs from a bundle that another Genscope has written."""

from concurrent.futures import CancelledError
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import streamlit as st

from pages.components.runs.background_work import Work, WorkStopped
from pages.components.shell import notices
from pages.components.shell.done_message import Done, say_done
from pages.components.shell.state import store, user_name
from pipeline.errors.base import GenscopeError, Refusal
from pipeline.runs.bundles.importing import import_bundle
from pipeline.runs.exporting.progress import ExportProgress
from pipeline.runs.store import Store
from pipeline.studio.comparison.imports import imported_words

PLACE, WORK, NUMBER = "import", "import_work", "import_number"


def import_form(*, expanded: bool = False) -> None:
    """The form, folded; while an import is under way, its progress."""
    with st.expander("Import runs…", expanded=expanded or WORK in st.session_state, icon=":material/upload:"):
        notices.show(PLACE)
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
    st.session_state[WORK] = Work(partial(_added, store(), file.name, bytes(file.getbuffer()), user_name()))
    # A field with another key is empty, and the server frees the file.
    st.session_state[NUMBER] = st.session_state.get(NUMBER, 0) + 1


def _added(home: Store, name: str, content: bytes, who: str, progress: ExportProgress) -> str:
    """What was imported, in sentences. Raises GenscopeError, which names the file as the user knows it."""
    with TemporaryDirectory(prefix="genscope-") as folder:
        path = Path(folder) / (Path(name).name or "bundle.zip")
        path.write_bytes(content)
        try:
            return imported_words(import_bundle(home, path, who, progress))
        except GenscopeError as error:
            raise Refusal(str(error).replace(f"{folder}/", "")) from error


def _ended(work: Work[str]) -> None:
    """Say what was imported or why nothing was, and draw the page again with the new runs."""
    del st.session_state[WORK]
    try:
        say_done(Done(work.answer.result()))
    except (WorkStopped, CancelledError):
        notices.set_message("Stopped; nothing was imported.", PLACE)
    except GenscopeError as error:
        notices.set_message(str(error), PLACE)
    st.rerun()
