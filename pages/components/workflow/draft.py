"""The workflow that this browser works on: with its past to undo, its selected node, and whether it is saved.

Nothing that is opened or edited is lost: another workflow that is opened comes on top, and Undo brings the last back.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Concatenate, Literal, ParamSpec, TypeAlias

import streamlit as st

from pipeline.graph import edit
from pipeline.graph.edit import UndoHistory
from pipeline.graph.workflow import Workflow
from pipeline.nodes.catalogue import NODES
from pipeline.studio import workflows

Arguments = ParamSpec("Arguments")
Source: TypeAlias = Literal["template", "file", "saved", "run"]


@dataclass(frozen=True)
class Opened:
    """A workflow as it was opened. run: the run whose it was, "" for none. forking: it is to go on from that run."""

    workflow: Workflow
    run: str = ""
    forking: bool = False


@dataclass(frozen=True)
class Draft:
    """The workflow with those before it, and what is known of where it is kept.

    origins: each workflow as it was last opened or saved, by its source and name. opened: everything that was opened,
    the newest first. selected: id of the node in the sidebar, "" where there is none.
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
        """What this workflow was edited from: the last before it that was opened or saved, and from or to where."""
        kept = [(source, origin) for (source, _), origin in self.origins.items()]
        steps = reversed((*self.history.past, self.workflow))
        return next((source, origin) for step in steps for source, origin in kept if origin == step)

    @property
    def descent(self) -> Opened:
        """The one that was opened last before this workflow, from which it was edited since."""
        steps = reversed((*self.history.past, self.workflow))
        return next(opened for step in steps for opened in self.opened if opened.workflow == step)

    @property
    def state(self) -> Source | Literal["draft"]:
        """Where the workflow is kept just as it is here; `draft` where it is not."""
        source, origin = self.origin
        return source if origin == self.workflow else "draft"

    def saved_as(self, name: str) -> Workflow | None:
        """What is saved under `name` as far as this browser knows, if the workflow was edited from that."""
        source, origin = self.origin
        return origin if (source, origin.name) == ("saved", name) else None


def current() -> Draft:
    """This browser's draft; the default template to begin with."""
    if "draft" not in st.session_state:
        template = workflows.open_template(workflows.DEFAULT_TEMPLATE)
        _keep(Draft(UndoHistory(template), {("template", template.name): template}, (Opened(template),)))
    draft: Draft = st.session_state.draft
    return draft


def open_workflow(workflow: Workflow, source: Source) -> None:
    """Puts another workflow in the place of this one."""
    _open(Opened(workflow), source)


def open_run(workflow: Workflow, run: str, *, forking: bool) -> None:
    """Puts the workflow of a run in the place of this one, to be started anew or to go on from that run."""
    _open(Opened(workflow, run, forking), "run")


def _open(opened: Opened, source: Source) -> None:
    draft = _with_origin(opened.workflow, source)
    # Of two equal ones the newest counts.
    others = tuple(each for each in draft.opened if each.workflow != opened.workflow)
    _keep(replace(draft, opened=(opened, *others), selected=""))


def set_forking(forking: bool) -> None:
    """Says of the workflow that was opened from a run whether it is to go on from that run."""
    draft = current()
    descent = draft.descent
    changed = tuple(replace(each, forking=forking) if each is descent else each for each in draft.opened)
    _keep(replace(draft, opened=changed))


def mark_saved(workflow: Workflow) -> None:
    """Says that the draft is now saved as `workflow`, which differs from it in its name at most."""
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
    """Edits the workflow. Raises what `function` raises, and then nothing is changed."""
    draft = current()
    _keep(replace(draft, history=draft.history.push(function(draft.workflow, *args, **kwargs))))


def add(class_type: str) -> None:
    """Adds a node of this kind, and shows it in the sidebar.

    One that stacks on another, as a penalty does on an objective, is inserted after the selected node or in the only
    place there is.
    """
    draft = current()
    changed, node_id = edit.place_node(draft.workflow, class_type, draft.selected, NODES)
    _keep(replace(draft, history=draft.history.push(changed), selected=node_id))


def undo() -> None:
    """Takes the last edit back."""
    draft = current()
    _keep(replace(draft, history=draft.history.undo()))


def redo() -> None:
    """Does again what was taken back last."""
    draft = current()
    _keep(replace(draft, history=draft.history.redo()))


def select(node_id: str) -> None:
    """Shows this node in the sidebar."""
    _keep(replace(current(), selected=node_id))


def _keep(draft: Draft) -> None:
    if draft.selected not in draft.workflow.nodes:
        draft = replace(draft, selected=next(iter(draft.workflow.nodes), ""))
    st.session_state.draft = draft
