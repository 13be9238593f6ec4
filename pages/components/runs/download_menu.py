"""The Download menu of the chosen runs: as tables, or as a bundle. A file is made only when it is asked for."""

from collections.abc import Sequence
from concurrent.futures import CancelledError
from functools import partial
from typing import NamedTuple

import streamlit as st

from pages.components.runs.background_work import Work, WorkStopped
from pages.components.shell.state import store
from pages.components.shell.streamlit_gaps import escape
from pipeline.errors.base import GenscopeError
from pipeline.formatting import size
from pipeline.runs.store import RunRecord
from pipeline.studio.comparison import downloads
from pipeline.studio.comparison.downloads import KINDS, FileKind
from pipeline.studio.evaluation.memorised import warning_before_sharing

MENU, KIND, MADE = "download_menu", "download_kind", "download_made"
WIDTH = 340


class _Made(NamedTuple):
    """A file that is being made or was made. runs: ids of the runs that it is of."""

    kind: FileKind
    runs: tuple[str, ...]
    work: Work[bytes]


def download_menu(runs: Sequence[RunRecord]) -> None:
    """The menu."""
    with (
        st.popover("Download", icon=":material/download:", key=MENU, on_change="rerun"),
        st.container(width=WIDTH),
    ):
        # While the menu is closed, nothing is counted or made in it.
        if not st.session_state.get(MENU):
            _forget()
            return
        kind = st.selectbox("As", list(KINDS), format_func=lambda each: KINDS[each].title, key=KIND)
        found = downloads.amount(store(), runs, kind)
        st.caption(f"{escape(KINDS[kind].about)} {escape(found.words)}")
        if found.refusal:
            st.caption(found.refusal)
        made: _Made | None = st.session_state.get(MADE)
        if made is None or made[:2] != (kind, _ids(runs)):
            st.button("Make the file", key="make_file", type="primary", disabled=bool(found.refusal),
                      on_click=_make, args=(runs, kind))  # fmt: skip
        elif made.work.show("stop_file"):
            _offer(runs, made)


def _make(runs: Sequence[RunRecord], kind: FileKind) -> None:
    _forget()
    st.session_state[MADE] = _Made(kind, _ids(runs), Work(partial(downloads.content, store(), runs, kind)))


def _offer(runs: Sequence[RunRecord], made: _Made) -> None:
    """The button that saves the file, or why there is none."""
    try:
        content = made.work.answer.result()
    except (WorkStopped, CancelledError):
        st.caption("Stopped; nothing was made.")
        return
    except GenscopeError as error:
        st.error(escape(str(error)), icon=":material/error:")
        return
    if KINDS[made.kind].ending == ".zip":
        warnings = [warning_before_sharing(store().files(run.id), run.step) for run in runs]
        for warning in dict.fromkeys(filter(None, warnings)):
            st.warning(escape(warning))
    name = downloads.file_name(runs, made.kind)
    st.download_button(
        f"Save {KINDS[made.kind].ending} file, {size(len(content))}",
        content,
        name,
        KINDS[made.kind].mime,
        key="save_file",
        type="primary",
        icon=":material/download:",
        help=escape(name),
        on_click="ignore",
    )


def _forget() -> None:
    """Stop what is being made, and free what was made."""
    made: _Made | None = st.session_state.pop(MADE, None)
    if made is not None:
        made.work.stop()


def _ids(runs: Sequence[RunRecord]) -> tuple[str, ...]:
    return tuple(run.id for run in runs)
