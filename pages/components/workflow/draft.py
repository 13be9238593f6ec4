"""This browser's draft workflow: open, edit, undo, select. Each change is kept on the server at once.

Opening another workflow loses no edits: it adds to the history, so that Undo returns to the previous workflow; and the
draft that was edited before stays in the list of drafts.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Concatenate, ParamSpec

import streamlit as st

from pages.components.shell.browser import remember
from pages.components.shell.state import store, user_name
from pages.components.workflow.shown_values import note_step
from pipeline.errors.base import GenscopeError
from pipeline.errors.runs import UnknownRun
from pipeline.errors.workflow import UnknownNode
from pipeline.graph.adding import place_node
from pipeline.graph.copying import Copied, copy_nodes, paste_nodes
from pipeline.graph.edit import UndoHistory
from pipeline.graph.selection import selection_after
from pipeline.graph.workflow import Workflow
from pipeline.nodes.catalogue import NODES
from pipeline.runs.drafts import new_draft_id
from pipeline.runs.home import home
from pipeline.studio import drafts, workflows
from pipeline.studio.drafts import Draft, Opened, Source

Arguments = ParamSpec("Arguments")

REMEMBERED = "draft"
"""Under which a browser remembers the id of its last draft."""


def current() -> Draft:
    """This browser's draft; initially the default template."""
    if "draft" not in st.session_state:
        template = workflows.open_template(workflows.DEFAULT_TEMPLATE)
        _keep(Draft(UndoHistory(template), {("template", template.name): template}, (Opened(template),)))
    draft: Draft = st.session_state.draft
    return draft


def open_workflow(workflow: Workflow, source: Source) -> None:
    """Replace the draft with another workflow."""
    _open(Opened(workflow), source)


def open_run(workflow: Workflow, run: str, *, forking: bool) -> None:
    """Replace the draft with the workflow of a run, to start a new run or to fork that one."""
    _open(Opened(workflow, run, forking), "run")


def open_draft(draft_id: str) -> None:
    """Continue a draft that is kept on the server. Raises UnknownDraft, UnreadableDraft."""
    found = drafts.open_draft(home(), draft_id)
    known = tuple(each if _is_known(each.run) else replace(each, run="", forking=False) for each in found.opened)
    st.session_state.draft = replace(found, opened=known)
    remember(REMEMBERED, draft_id)


def _is_known(run: str) -> bool:
    """Whether there still is this run, or none is meant. Drafts are in the home, runs may be in another database."""
    try:
        return not run or bool(store().run(run))
    except UnknownRun:
        return False


def forget(draft_id: str) -> None:
    """If this is the draft that was just deleted, keep it again only after its next edit."""
    if current().id == draft_id:
        st.session_state.draft = replace(current(), id="", version=0)


def _open(opened: Opened, source: Source) -> None:
    draft = _with_origin(opened.workflow, source)
    # If the same workflow was opened twice, only the newest entry counts.
    others = tuple(each for each in draft.opened if each.workflow != opened.workflow)
    # The draft until now stays as it is on the server; this one gets an id of its own with its first edit.
    _keep(replace(draft, opened=(opened, *others), selected="", id="", version=0))


def set_forking(forking: bool) -> None:
    """Set whether starting the draft forks the run that it was opened from."""
    draft = current()
    descent = draft.descent
    changed = tuple(replace(each, forking=forking) if each is descent else each for each in draft.opened)
    _keep(replace(draft, opened=changed))


def mark_saved(workflow: Workflow) -> None:
    """Record that the draft is saved as `workflow`, which may differ from it only in its name."""
    _keep(_with_origin(workflow, "saved"))


def mark_unsaved(name: str) -> None:
    """Record that the workflow saved as `name` was deleted. A draft that was this file is then kept as a draft."""
    draft = current()
    origins = {
        ("file" if place == ("saved", name) else place[0], place[1]): origin for place, origin in draft.origins.items()
    }
    _keep(replace(draft, origins=origins))


def _with_origin(workflow: Workflow, source: Source) -> Draft:
    draft = current()
    origins = {(source, workflow.name): workflow} | {
        place: origin for place, origin in draft.origins.items() if place != (source, workflow.name)
    }
    return replace(draft, history=draft.history.push(workflow), origins=origins)


def change(
    function: Callable[Concatenate[Workflow, Arguments], Workflow],
    /,
    *args: Arguments.args,
    **kwargs: Arguments.kwargs,
) -> None:
    """Edit the draft. If `function` raises, nothing is changed and the exception propagates."""
    draft = current()
    _keep(replace(draft, history=draft.history.push(function(draft.workflow, *args, **kwargs))))


def add(class_type: str) -> None:
    """Add a node of this type, wired where there is only one candidate (`place_node`), and select it."""
    draft = current()
    changed, node_id = place_node(draft.workflow, class_type, draft.selected, NODES)
    _keep(replace(draft, history=draft.history.push(changed), selected=node_id))


def copy(node_id: str) -> None:
    """Copy a node, for `paste` in this browser, into this workflow or another one. Raises UnknownNode."""
    st.session_state.copied = copy_nodes(current().workflow, [node_id])


def copied() -> Copied | None:
    """What was copied last; None if nothing was."""
    found: Copied | None = st.session_state.get("copied")
    return found


def paste() -> None:
    """Add what was copied, with the wires that fit here, and select it."""
    if found := copied():
        _paste(found)


def duplicate(node_id: str) -> None:
    """Add a copy of a node with its inputs, and select it. Raises UnknownNode."""
    _paste(copy_nodes(current().workflow, [node_id]))


def _paste(found: Copied) -> None:
    draft = current()
    changed, node_ids = paste_nodes(draft.workflow, found, NODES)
    _keep(replace(draft, history=draft.history.push(changed), selected=node_ids[0]))


def undo() -> None:
    """Undo the last edit, and select what that changed."""
    _step(current().history.undo())


def redo() -> None:
    """Redo the edit that was undone last, and select what that changed."""
    _step(current().history.redo())


def _step(history: UndoHistory) -> None:
    note_step()
    draft = current()
    selected = selection_after(draft.workflow, history.present, draft.selected)
    _keep(replace(draft, history=history, selected=selected))


def select(node_id: str) -> None:
    """Select this node, which the sidebar then shows."""
    _keep(replace(current(), selected=node_id))


def _keep(draft: Draft) -> None:
    before: Draft | None = st.session_state.get("draft")
    if draft.selected not in draft.workflow.nodes:
        draft = replace(draft, selected=next(iter(draft.workflow.nodes), ""))
    draft = draft.bounded()
    if before is not None and draft != before:
        draft = _kept(draft, before)
    st.session_state.draft = draft


def _kept(draft: Draft, before: Draft) -> Draft:
    """The draft, written to the server if it has been edited. A workflow that was only opened is not kept, unless it is
    from a file, which the server could not open again."""
    known = (*before.history.past, *before.history.future)
    if not draft.id and draft.state in ("draft", "file") and draft.workflow not in known:
        draft = replace(draft, id=new_draft_id())
    if not draft.id:
        return draft
    selected_only = replace(draft, selected=before.selected) == before
    try:
        written, branched = drafts.keep(home(), draft, user_name(), branch=not selected_only)
    except GenscopeError as error:
        if "draft_lost" not in st.session_state:
            st.session_state.draft_lost = True
            note(f"This draft is kept only while this page is open. {error}")
        return draft
    st.session_state.pop("draft_lost", None)
    if branched:
        note("This draft was also changed in another tab or browser. Both are kept: yours is a draft of its own now.")
    if written.id != before.id:
        remember(REMEMBERED, written.id)
    return written


def select_known(node_id: str) -> None:
    """Select the node that a link names. Raises UnknownNode."""
    if node_id not in current().workflow.nodes:
        raise UnknownNode(node_id[:60], current().workflow.nodes)
    select(node_id)


def note(sentence: str) -> None:
    """Have the page say this once."""
    st.session_state.draft_note = sentence
