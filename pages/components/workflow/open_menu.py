"""The Open menu: saved workflows, drafts, a file, templates, weights to start from. Here, saved workflows are renamed,
and both are deleted.

It is drawn only while it is open, because there may be a hundred drafts.
"""

from collections.abc import Callable, Sequence
from functools import partial

import streamlit as st

from pages.components.shell import notices
from pages.components.shell.streamlit_gaps import escape
from pages.components.workflow import draft
from pages.components.workflow.weights_dialog import weights_button
from pipeline.formatting import ago, counted, shortened
from pipeline.graph.check import Report
from pipeline.runs import drafts
from pipeline.runs import workflows as shelf
from pipeline.runs.drafts import DraftRecord
from pipeline.runs.home import home
from pipeline.runs.workflows import LONGEST_NAME, SavedWorkflow
from pipeline.studio import workflows
from pipeline.studio.drafts import Draft
from pipeline.studio.workflows import Template

WIDTH = 440
LIST_HEIGHT = 240
"""Height in pixels of a list that scrolls; shorter ones take what they need."""
MOST_UNSCROLLED = 5
MANY = 16
"""Number of entries from which on there is a search field."""
THUMBNAIL_WIDTH = 72
LONGEST_LABEL = 24
"""Characters of a name that fit into one line beside its buttons."""
PLACE = "open_menu"
"""Where the menu shows what was refused in it."""


def open_menu(now: Draft, report: Report) -> None:
    """The popover."""
    with (
        st.popover("Open", icon=":material/folder_open:", key="open_menu", on_change=_toggled),
        st.container(width=WIDTH, gap="small"),
    ):
        if st.session_state.get("open_menu"):
            _contents(now, report)


def _contents(now: Draft, report: Report) -> None:
    saved = shelf.saved(home())
    kept, damaged = drafts.drafts(home())
    templates = workflows.templates()
    wanted = _search() if len(saved) + len(kept) + len(templates) >= MANY else ""
    notices.show(PLACE)
    _deleted()
    st.markdown("**Saved workflows**")
    if saved:
        _listed([partial(_saved_row, each) for each in saved if _found(wanted, each.name)])
    else:
        st.caption("No saved workflows yet. Press Save to save this one.")
    st.markdown("**Drafts**")
    if kept:
        rows = [partial(_draft_row, each, now) for each in kept if _found(wanted, each.name, each.who)]
        _listed(rows)
    else:
        st.caption("No drafts yet. A workflow that you edit is kept here, with its undo history.")
    if damaged:
        st.caption(f":material/error: {counted(len(damaged), 'draft')} cannot be read: {', '.join(damaged[:3])}.json")
    st.markdown("**File**")
    _file()
    st.markdown("**Templates**")
    _listed([partial(_template_row, each) for each in templates if _found(wanted, each.title, each.description)])
    st.markdown("**Trained weights**")
    weights_button(report)


def _search() -> str:
    return st.text_input(
        "Search",
        key="open_search",
        placeholder="Search by name",
        icon=":material/search:",
        label_visibility="collapsed",
    )


def _found(wanted: str, *texts: str) -> bool:
    """Whether each word that is searched for is in one of the texts."""
    return all(any(word in text.lower() for text in texts) for word in wanted.lower().split())


def _listed(rows: Sequence[Callable[[], None]]) -> None:
    if not rows:
        st.caption("None of this name.")
        return
    with st.container(height=LIST_HEIGHT if len(rows) > MOST_UNSCROLLED else "content", border=False, gap="xxsmall"):
        for row in rows:
            with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
                row()


def _saved_row(saved: SavedWorkflow) -> None:
    if st.session_state.get("renamed_workflow") == saved.name:
        _rename_row(saved.name)
        return
    _opener(
        _label(saved.name, ago(saved.saved)),
        f"saved {saved.name}",
        partial(_open_saved, saved.name),
        help=saved.name if len(saved.name) > LONGEST_LABEL else "",
    )
    _small_button("Rename", f"rename {saved.name}", ":material/edit:", partial(_begin_renaming, saved.name))
    _small_button("Delete", f"delete {saved.name}", ":material/delete:", partial(_delete_saved, saved.name))


def _rename_row(name: str) -> None:
    with (
        st.form("rename_form", border=False),  # In a form, Enter renames.
        st.container(horizontal=True, vertical_alignment="center", gap="xsmall"),
    ):
        st.text_input(
            f"New name of {escape(name)}",
            name,
            key="new_workflow_name",
            max_chars=LONGEST_NAME,
            label_visibility="collapsed",
        )
        st.form_submit_button("Rename", key="rename", type="primary", on_click=_try, args=(partial(_rename, name),))
    st.button("Cancel", key="rename_cancel", type="tertiary", on_click=st.session_state.pop, args=("renamed_workflow",))


def _draft_row(record: DraftRecord, now: Draft) -> None:
    here = record.id == now.id
    facts = [record.who, ago(record.changed), counted(record.edits, "edit") if record.edits else "no edits since"]
    words = " · ".join(each for each in ("open here" if here else "", *facts) if each)
    _opener(
        _label(record.name or "Untitled", words),
        f"draft {record.id}",
        partial(draft.open_draft, record.id),
        disabled=here,
        help=record.name if len(record.name) > LONGEST_LABEL else "",
    )
    _small_button("Delete", f"delete draft {record.id}", ":material/delete:", partial(_delete_draft, record))


def _label(name: str, facts: str) -> str:
    return f"{escape(shortened(name, LONGEST_LABEL))} :small[:gray[{escape(facts)}]]"


def _template_row(template: Template) -> None:
    st.image(workflows.thumbnail(template), width=THUMBNAIL_WIDTH, output_format="PNG", alt="")
    _opener(
        escape(template.title),
        f"template {template.name}",
        partial(_open_template, template.name),
        help=template.description,
    )


def _opener(
    label: str,
    key: str,
    opens: Callable[[], None],
    *,
    disabled: bool = False,
    help: str = "",  # noqa: A002
) -> None:
    """A button over the width of its row that opens something and closes the menu."""
    st.button(
        label,
        key=key,
        width="stretch",
        disabled=disabled,
        help=escape(help) or None,
        on_click=_open,
        args=(opens,),
    )


def _small_button(label: str, key: str, icon: str, act: Callable[[], None]) -> None:
    st.button(label, key=key, icon=icon, type="tertiary", on_click=_try, args=(act,))


def _file() -> None:
    st.file_uploader(
        "Workflow file",
        # Of the pictures only PNGs hold workflows; for the others a sentence says that theirs was lost.
        type=["json", "png", "jpg", "jpeg", "webp", "gif", "bmp", "tif", "tiff", "avif"],
        key="workflow_file",
        max_upload_size=workflows.LARGEST_FILE // 1_000_000,
        label_visibility="collapsed",
        help="A workflow as JSON, or a sample grid as PNG, which contains its workflow.",
        on_change=_open,
        args=(_open_file,),
    )


def _open(opens: Callable[[], None]) -> None:
    # Closed even if opening fails, because the menu would cover the error message.
    st.session_state.open_menu = False
    _toggled()
    notices.run_command(opens)


def _try(act: Callable[[], None]) -> None:
    notices.run_command_at(PLACE, act)


def _toggled() -> None:
    st.session_state.pop("renamed_workflow", None)


def _open_template(name: str) -> None:
    draft.open_workflow(workflows.open_template(name), "template")


def _open_saved(name: str) -> None:
    draft.open_workflow(workflows.open_saved(home(), name), "saved")


def _open_file() -> None:
    if file := st.session_state.workflow_file:
        draft.open_workflow(workflows.open_file(file.getvalue(), file.name), "file")


def _begin_renaming(name: str) -> None:
    st.session_state.renamed_workflow = name


def _rename(name: str) -> None:
    new_name = shelf.rename(home(), name, st.session_state.new_workflow_name)
    del st.session_state.renamed_workflow
    now = draft.current()
    if (now.state, now.workflow.name) == ("saved", name):
        # The draft is this file, so it follows.
        draft.open_workflow(workflows.open_saved(home(), new_name), "saved")
        draft.select(now.selected)


def _delete_saved(name: str) -> None:
    text = shelf.load(home(), name)
    shelf.delete(home(), name)
    draft.mark_unsaved(name)
    st.session_state.deleted_workflow = (name, partial(shelf.save, home(), name, text))


def _delete_draft(record: DraftRecord) -> None:
    content = drafts.delete(home(), record.id)
    draft.forget(record.id)
    st.session_state.deleted_workflow = (
        f"the draft {record.name}",
        partial(drafts.restore, home(), record.id, content),
    )


def _deleted() -> None:
    """What was deleted last, with a button that restores it."""
    if "deleted_workflow" in st.session_state:
        what, restore = st.session_state.deleted_workflow
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            st.caption(f"Deleted {escape(shortened(what))}.", width="content")
            st.button(
                "Restore",
                key="restore_workflow",
                icon=":material/undo:",
                on_click=_try,
                args=(partial(_restore, restore),),
            )


def _restore(restore: Callable[[], object]) -> None:
    restore()
    del st.session_state.deleted_workflow
