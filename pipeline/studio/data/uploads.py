"""Find the workflows and runs that use an upload, to warn users before they delete it, or them."""

import json
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import NamedTuple

from pipeline.data.uploads import Upload, upload_of, uploads
from pipeline.errors.base import GenscopeError
from pipeline.graph import document
from pipeline.graph.workflow import Workflow
from pipeline.runs import drafts
from pipeline.runs.references import Reference, naming
from pipeline.runs.store import Store
from pipeline.studio import workflows


class Uses(NamedTuple):
    """What uses an upload: names of saved workflows, and ids of runs."""

    workflows: tuple[str, ...]
    runs: tuple[str, ...]


def uses_of(name: str, home: Path, store: Store) -> Uses:
    """The saved workflows and the runs that read this upload."""
    saved = []
    for each in workflows.saved_names(home):
        try:
            if _uses(workflows.open_saved(home, each), name, home):
                saved.append(each)
        except GenscopeError:
            # Deleted meanwhile, or unreadable: does not count.
            continue
    runs = [each.id for each in _users(name, home, store) if not each.waiting]
    return Uses(tuple(saved), tuple(runs))


def used_by_these_alone(runs: Collection[str], home: Path, store: Store) -> tuple[Upload, ...]:
    """The uploads that these runs read, and nothing else does: no other run, none that waits in the queue, no saved
    workflow and no draft."""
    return tuple(each for each in uploads(home) if _only(each.name, runs, home, store))


def _only(name: str, runs: Collection[str], home: Path, store: Store) -> bool:
    written = _written(name)
    # What only mentions it may be a document that this version cannot read: the upload is kept for that too.
    if any(each.waiting or each.id not in runs for each in naming(store, *written)):
        return False
    found = uses_of(name, home, store)
    return bool(found.runs) and not found.workflows and not drafts.mentioning(home, *written)


def _users(name: str, home: Path, store: Store) -> Iterator[Reference]:
    for each in naming(store, *_written(name)):
        try:
            if _uses(document.read(each.workflow_text, "The run's workflow"), name, home):
                yield each
        except GenscopeError:
            continue


def _written(name: str) -> tuple[str, ...]:
    """The ways in which a document may write the name."""
    return tuple(json.dumps(name, ensure_ascii=plain)[1:-1] for plain in (True, False))


def _uses(workflow: Workflow, name: str, home: Path) -> bool:
    return any(
        isinstance(source := node.inputs.get("source"), str) and upload_of(source, home) == name
        for node in workflow.nodes.values()
        if node.class_type == "ImageFiles"
    )
