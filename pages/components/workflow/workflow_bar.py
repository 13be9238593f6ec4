"""The Workflow page's top bar: the workflow's name and state, Open, Save, Undo, Redo and Start run."""

from functools import partial

import streamlit as st

from pages.components.run.fork_button import FORK_ICON
from pages.components.shell import notices, starting
from pages.components.shell.streamlit_gaps import escape
from pages.components.workflow import draft, fork_preview
from pipeline.errors.base import GenscopeError
from pipeline.errors.workflow import NameExists
from pipeline.graph import document
from pipeline.graph.check import Report
from pipeline.runs.home import home
from pipeline.runs.workflows import LONGEST_NAME
from pipeline.studio import workflows
from pipeline.studio.drafts import Draft

MENU_WIDTH = 300


def workflow_bar(now: Draft, report: Report) -> None:
    """Name and state on the left, buttons on the right."""
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.title(escape(now.workflow.name) or "Untitled", anchor=False, width="content")
        _state(now, report)
        st.space("stretch")
        with (
            st.popover("Open", icon=":material/folder_open:", key="open_menu", on_change="rerun"),
            st.container(width=MENU_WIDTH),
        ):
            _open_menu()
        with (
            st.popover("Save", icon=":material/save:", key="save_menu", on_change="rerun"),
            st.container(width=MENU_WIDTH),
        ):
            _save_menu(now)
        st.button("Undo", key="undo", icon=":material/undo:", disabled=not now.history.past, on_click=draft.undo)
        st.button("Redo", key="redo", icon=":material/redo:", disabled=not now.history.future, on_click=draft.redo)
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
        on_click=partial(fork_preview.request_fork, run) if run else starting.request_new_run,
        args=(now.workflow,),
    )


def _state(now: Draft, report: Report) -> None:
    st.badge(now.state, color="green" if now.state == "saved" else "gray")
    if count := len(report.problems):
        st.badge(f"{count} problem{'s' if count > 1 else ''}", color="red", icon=":material/error:")


def _open_menu() -> None:
    st.markdown("**Template**")
    for template in workflows.templates():
        st.button(
            escape(template.title),
            key=f"template {template.name}",
            help=escape(template.description),
            width="stretch",
            on_click=notices.run_command,
            args=(open_template, template.name),
        )
    st.markdown("**Saved**")
    names = workflows.saved_names(home())
    if names:
        st.selectbox(
            "Saved workflow",
            names,
            index=None,
            key="saved_workflow",
            label_visibility="collapsed",
            placeholder="Choose one",
            on_change=notices.run_command,
            args=(_open_saved,),
        )
    else:
        st.caption("No saved workflows yet. Press Save to save this one.")
    st.markdown("**File**")
    st.file_uploader(
        "Workflow file",
        # Of the pictures only PNGs hold workflows; for the others a sentence says that theirs was lost.
        type=["json", "png", "jpg", "jpeg", "webp", "gif", "bmp", "tif", "tiff", "avif"],
        key="workflow_file",
        max_upload_size=workflows.LARGEST_FILE // 1_000_000,
        label_visibility="collapsed",
        help="A workflow as JSON, or a sample grid as PNG, which contains its workflow.",
        on_change=notices.run_command,
        args=(_open_file,),
    )


def open_template(name: str) -> None:
    """Open a template in this browser's draft."""
    _close_menu()
    draft.open_workflow(workflows.open_template(name), "template")


def _open_saved() -> None:
    if name := st.session_state.saved_workflow:
        _close_menu()
        st.session_state.saved_workflow = None
        draft.open_workflow(workflows.open_saved(home(), name), "saved")


def _open_file() -> None:
    if file := st.session_state.workflow_file:
        _close_menu()
        draft.open_workflow(workflows.open_file(file.getvalue(), file.name), "file")


def _close_menu() -> None:
    """Close the Open menu, even if opening fails, because the menu would cover the error message."""
    st.session_state.open_menu = False


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
        st.toast(f"Saved as {escape(name)}", icon=":material/check:")
    except GenscopeError as error:
        st.session_state.save_refused = error
