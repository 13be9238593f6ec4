"""A draft: the workflow that a browser edits, with its undo history and where it was opened from and saved to.

Drafts are kept in the home as they are edited (`pipeline/runs/drafts.py`), so that a reload, a closed tab or a killed
server loses none. The file has each node and each workflow of the history once, so an edit adds little to it.

The history is limited to MOST_STEPS steps back, and to what fits into LARGEST_DRAFT bytes. Where the oldest steps are
dropped, the workflow as it was opened and saved before them stays, and is the first step.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args

from pipeline.errors.workflow import DraftChanged, DraftTooLarge, UnreadableDraft
from pipeline.formatting import size
from pipeline.graph.edit import UndoHistory
from pipeline.graph.workflow import NodeData, Workflow
from pipeline.runs import drafts as shelf
from pipeline.runs.drafts import LARGEST_DRAFT, DraftRecord, new_draft_id

MOST_STEPS = 100
"""Undo steps that a draft keeps."""
Source: TypeAlias = Literal["template", "file", "saved", "run"]
SOURCES = get_args(Source)


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
    newest first. selected: id of the node in the sidebar, or "". id: under which it is kept, "" before the first edit.
    version: number of times that it was written.
    """

    history: UndoHistory
    origins: Mapping[tuple[Source, str], Workflow]
    opened: tuple[Opened, ...]
    selected: str = ""
    id: str = ""
    version: int = 0

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

    @property
    def edits(self) -> int:
        """Number of edits since the workflow was opened or saved."""
        _, origin = self.origin
        steps = (*self.history.past, self.workflow)
        return next(count for count, step in enumerate(reversed(steps)) if step == origin)

    def saved_as(self, name: str) -> Workflow | None:
        """The workflow saved as `name`, as this browser last opened or saved it, if the draft was edited from it; else
        None."""
        source, origin = self.origin
        return origin if (source, origin.name) == ("saved", name) else None

    def bounded(self, steps: int = MOST_STEPS) -> "Draft":
        """The draft with at most so many steps back, besides the versions that it was edited from. What was opened or
        saved and is no longer in its history is forgotten."""
        past = self.history.past
        if len(past) > steps:
            older, newer = past[: len(past) - steps], past[len(past) - steps :]
            first = {_last(older, list(self.origins.values())), _last(older, [each.workflow for each in self.opened])}
            past = (*(older[place] for place in sorted(first - {-1})), *newer)
        history = self.history if past == self.history.past else replace(self.history, past=past)
        known = (*history.past, history.present, *history.future)
        return replace(
            self,
            history=history,
            origins={place: origin for place, origin in self.origins.items() if origin in known},
            opened=tuple(opened for opened in self.opened if opened.workflow in known),
        )


def _last(steps: tuple[Workflow, ...], among: list[Workflow]) -> int:
    """The place of the last step that is one of `among`; -1 if none is."""
    return next((place for place in reversed(range(len(steps))) if steps[place] in among), -1)


def keep(home: Path, draft: Draft, who: str, *, branch: bool = True) -> tuple[Draft, bool]:
    """Write the draft under its id, and return it as written, and whether it got an id of its own.

    That happens if the draft was changed in another tab or browser since this one read it: both stay. A history that
    is too large loses its oldest steps. branch: otherwise such a draft is not written at all.

    Raises DraftTooLarge, CannotWrite.
    """
    steps = len(draft.history.past)
    while len(content := encode(draft)) > LARGEST_DRAFT:
        if not steps:
            raise DraftTooLarge(draft.workflow.name, size(LARGEST_DRAFT))
        steps //= 2
        draft = draft.bounded(steps)
    saved = draft.state != "draft" and draft.state != "file"
    record = DraftRecord(draft.id, draft.version, draft.workflow.name, who, draft.edits, saved)
    try:
        written = shelf.write(home, record, content)
    except DraftChanged:
        if not branch:
            return draft, False
        written = shelf.write(home, replace(record, id=new_draft_id(), version=0), content)
    return replace(draft, id=written.id, version=written.version), written.id != draft.id


def open_draft(home: Path, draft_id: str) -> Draft:
    """The draft that is kept under this id. Raises UnknownDraft, UnreadableDraft."""
    record, content = shelf.read(home, draft_id)
    try:
        return replace(decode(content), id=record.id, version=record.version)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, StopIteration) as error:
        raise UnreadableDraft(draft_id) from error


def encode(draft: Draft) -> str:
    """The draft as JSON, in ASCII. `decode` returns an equal one, but for its id and version."""
    nodes, workflows = _Table(), _Table()

    def number(workflow: Workflow) -> int:
        entries = {node_id: nodes.number(_entry(node)) for node_id, node in workflow.nodes.items()}
        return workflows.number([workflow.name, workflow.description, entries])

    content = {
        "past": [number(workflow) for workflow in draft.history.past],
        "present": number(draft.history.present),
        "future": [number(workflow) for workflow in draft.history.future],
        "origins": [[source, name, number(origin)] for (source, name), origin in draft.origins.items()],
        "opened": [[number(opened.workflow), opened.run, opened.forking] for opened in draft.opened],
        "selected": draft.selected,
    }
    tables = f'"nodes": {nodes.text()}, "workflows": {workflows.text()}'
    return f"{{{tables}, {json.dumps(content)[1:]}"


def decode(content: Any) -> Draft:
    """The draft in the JSON value that `encode` wrote. Raises ValueError, TypeError, KeyError, IndexError,
    AttributeError or StopIteration for another value."""
    nodes = [_node(entry) for entry in content["nodes"]]
    workflows = [
        Workflow(_text(name), {node_id: nodes[place] for node_id, place in entries.items()}, _text(description))
        for name, description, entries in content["workflows"]
    ]
    history = UndoHistory(
        workflows[content["present"]],
        tuple(workflows[place] for place in content["past"]),
        tuple(workflows[place] for place in content["future"]),
    )
    origins: dict[tuple[Source, str], Workflow] = {}
    for source, name, place in content["origins"]:
        origins[SOURCES[SOURCES.index(source)], _text(name)] = workflows[place]
    opened = tuple(Opened(workflows[place], _text(run), forking is True) for place, run, forking in content["opened"])
    draft = Draft(history, origins, opened, _text(content["selected"]))
    # Raises StopIteration if nothing in the history was ever opened.
    _ = draft.origin, draft.descent
    return draft


def _entry(node: NodeData) -> dict[str, Any]:
    """All fields of a node, but for optional ones that it does not use."""
    needed = {"class_type": node.class_type, "inputs": dict(node.inputs)}
    return needed | {name: value for name, value in vars(node).items() if value and name not in needed}


def _node(entry: Mapping[str, Any]) -> NodeData:
    node = NodeData(**entry)
    _text(node.class_type), _text(node.title), node.inputs.items()
    return node


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not text")
    return value


class _Table:
    """Values as JSON, each once, numbered in the order in which they were first asked for."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def number(self, value: object) -> int:
        return self._numbers.setdefault(json.dumps(value), len(self._numbers))

    def text(self) -> str:
        return f"[{', '.join(self._numbers)}]"
