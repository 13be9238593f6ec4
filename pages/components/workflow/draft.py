"""This browser's draft workflow: its undo history, its selected node, and where it is saved.

Opening another workflow loses no edits: it adds to the history, and Undo returns to the previous workflow.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Concatenate, Literal, ParamSpec, TypeAlias

import streamlit as st

from pipeline.graph.adding import place_node
from pipeline.graph.copying import Copied, copy_nodes, paste_nodes
from pipeline.graph.edit import UndoHistory
from pipeline.graph.selection import selection_after
from pipeline.graph.workflow import Workflow
from pipeline.nodes.catalogue import NODES
from pipeline.studio import workflows

Arguments = ParamSpec("Arguments")
Source: TypeAlias = Literal["template", "file", "saved", "run"]


@dataclass(frozen=True)
class Opened:
    """A workflow as it was opened. run: id of the run that it is from, or "". forking: whether starting it will fork
    that run."""

    workflow: Workflow
    run: str = ""
    forking: bool = False


@dataclass(frozen=True)
class Draft:
    """The workflow with its undo history, and where it was opened from and saved to.

    origins: each workflow as it was last opened or saved, by source and name. opened: every workflow that was opened,
    newest first. selected: id of the node in the sidebar, or "".
    """

    history: UndoHistory
    origins: Mapping[tuple[Source, str], Workflow]
    opened: tuple[Opened, ...]
    selected: str = ""

    @property
    def workflow(self) -> Workflow:
        return self.history.present

    @property
    def origin(self) -> tuple[Source, Workflow]:
        """The version that this workflow was edited from, the last in the history that was opened or saved, and its
        source."""
        origins = [(source, origin) for (source, _), origin in self.origins.items()]
        steps = reversed((*self.history.past, self.workflow))
        return next((source, origin) for step in steps for source, origin in origins if origin == step)

    @property
    def descent(self) -> Opened:
        """The entry of `opened` that this workflow was edited from."""
        steps = reversed((*self.history.past, self.workflow))
        return next(opened for step in steps for opened in self.opened if opened.workflow == step)

    @property
    def state(self) -> Source | Literal["draft"]:
        """The source that has exactly this workflow; `draft` if it was edited since."""
        source, origin = self.origin
        return source if origin == self.workflow else "draft"

    def saved_as(self, name: str) -> Workflow | None:
        """The workflow saved as `name`, as this browser last opened or saved it, if the draft was edited from it; else
        None."""
        source, origin = self.origin
        return origin if (source, origin.name) == ("saved", name) else None


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


def _open(opened: Opened, source: Source) -> None:
    draft = _with_origin(opened.workflow, source)
    # If the same workflow was opened twice, only the newest entry counts.
    others = tuple(each for each in draft.opened if each.workflow != opened.workflow)
    _keep(replace(draft, opened=(opened, *others), selected=""))


def set_forking(forking: bool) -> None:
    """Set whether starting the draft forks the run that it was opened from."""
    draft = current()
    descent = draft.descent
    changed = tuple(replace(each, forking=forking) if each is descent else each for each in draft.opened)
    _keep(replace(draft, opened=changed))


def mark_saved(workflow: Workflow) -> None:
    """Record that the draft is saved as `workflow`, which may differ from it only in its name."""
    _keep(_with_origin(workflow, "saved"))


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
    draft = current()
    selected = selection_after(draft.workflow, history.present, draft.selected)
    _keep(replace(draft, history=history, selected=selected))


def select(node_id: str) -> None:
    """Select this node, which the sidebar then shows."""
    _keep(replace(current(), selected=node_id))


def _keep(draft: Draft) -> None:
    if draft.selected not in draft.workflow.nodes:
        draft = replace(draft, selected=next(iter(draft.workflow.nodes), ""))
    st.session_state.draft = draft
