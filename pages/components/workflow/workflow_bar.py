"""The Workflow page's top bar: the workflow's name and state, Open, Save, Undo, Redo, Queue and Start run."""

from collections.abc import Mapping
from typing import Literal

import streamlit as st

from pages.components.run.fork_button import FORK_ICON
from pages.components.shell import starting
from pages.components.shell.browser import Layout, layout
from pages.components.shell.streamlit_gaps import escape
from pages.components.workflow import draft, fork_preview
from pages.components.workflow.open_menu import open_menu
from pages.components.workflow.queue_menu import queue_menu
from pipeline.errors.base import GenscopeError
from pipeline.errors.workflow import NameExists
from pipeline.formatting import shortened
from pipeline.graph import document
from pipeline.graph.check import Report
from pipeline.runs.home import home
from pipeline.runs.workflows import LONGEST_NAME
from pipeline.studio import workflows
from pipeline.studio.drafts import Draft

MENU_WIDTH = 300
COLUMNS: Mapping[Layout, tuple[float, float]] = {"normal": (0.35, 0.65), "wide": (0.6, 0.4)}
"""Widths of the name and the buttons, side by side, so that the buttons never wrap."""
LONGEST: Mapping[Layout, int] = {"narrow": 34, "normal": 18, "wide": 50}
"""Characters of a name that fit into one line."""


def workflow_bar(now: Draft, report: Report) -> None:
    """Name and state on the left, buttons on the right; in a narrow window, the buttons below."""
    if layout() == "narrow":
        _name(now, report)
        _buttons(now, report, "left")
        return
    left, right = st.columns(COLUMNS[layout()], vertical_alignment="center", gap="small")
    with left:
        _name(now, report)
    with right:
        _buttons(now, report, "right")


def _name(now: Draft, report: Report) -> None:
    name = now.workflow.name or "Untitled"
    shown = shortened(name, LONGEST[layout()])
    with st.container(gap=None):
        st.title(escape(shown), anchor=False, help=escape(name) if shown != name else None)
        with st.container(horizontal=True, gap="xsmall"):
            _state(now, report)


def _buttons(now: Draft, report: Report, alignment: Literal["left", "right"]) -> None:
    with st.container(
        horizontal=True, vertical_alignment="center", horizontal_alignment=alignment, gap="xsmall", key="workflow_bar"
    ):
        open_menu(now, report)
        with (
            st.popover("Save", icon=":material/save:", key="save_menu", on_change="rerun"),
            st.container(width=MENU_WIDTH),
        ):
            _save_menu(now)
        # Without icons where the row would wrap.
        wide = layout() == "wide"
        for label, icon, past, act in (
            ("Undo", ":material/undo:", now.history.past, draft.undo),
            ("Redo", ":material/redo:", now.history.future, draft.redo),
        ):
            st.button(label, key=label.lower(), icon=icon if wide else None, disabled=not past, on_click=act)
        queue_menu(now, report)
        _begin(now, report)


def _begin(now: Draft, report: Report) -> None:
    """The button that starts a new run, or a fork of the run that the draft is from."""
    run = now.descent.run if now.descent.forking else ""
    ready = report.ok and (not run or fork_preview.can_fork(run))
    purpose = "Continue the run below with this workflow, as a new run." if run else "Start a new run of this workflow."
    st.button(
        "Fork run" if run else "Start run",
        key="start_run",
        icon=FORK_ICON if run else ":material/play_arrow:",
        type="primary",
        disabled=not ready,
        help=purpose if report.ok else "Correct the problems below the graph first.",
        on_click=_request,
        args=(run,),
    )


def _request(run: str) -> None:
    """For a callback: start a run, or fork `run`. The draft as it is when called: a field may have been left by the
    same click."""
    workflow = draft.current().workflow
    if run:
        fork_preview.request_fork(run, workflow)
    else:
        starting.request_new_run(workflow)


def _state(now: Draft, report: Report) -> None:
    st.badge(now.state, color="green" if now.state == "saved" else "gray")
    if count := len(report.problems):
        st.badge(f"{count} problem{'s' if count > 1 else ''}", color="red", icon=":material/error:")


def _save_menu(now: Draft) -> None:
    # The name is part of the key, so that the field follows it: a closed menu does not receive values set later.
    key = f"save_name {now.workflow.name}"
    st.text_input("Name", now.workflow.name, key=key, max_chars=LONGEST_NAME)
    st.button("Save", key="save", type="primary", width="stretch", on_click=_save, args=(key, False))
    match st.session_state.pop("save_refused", None):
        case NameExists() as error:
            st.warning(escape(str(error)))
            st.button("Replace it", key="replace", width="stretch", on_click=_save, args=(key, True))
        case GenscopeError() as error:
            st.error(escape(str(error)))
    st.download_button(
        "Download JSON",
        document.write(now.workflow),
        file_name=f"{now.workflow.name or 'workflow'}.json",
        mime="application/json",
        key="download",
        icon=":material/download:",
        width="stretch",
        on_click="ignore",
    )


def _save(key: str, replacing: bool) -> None:
    now = draft.current()
    name = st.session_state[key]
    known = now.saved_as(name.strip())
    try:
        draft.mark_saved(workflows.save(home(), now.workflow, name, known=known, replacing=replacing))
        st.session_state.save_menu = False
    except GenscopeError as error:
        st.session_state.save_refused = error
