"""Find the workflows and runs that use an upload, to warn users before they delete it."""

import json
from pathlib import Path
from typing import NamedTuple

from pipeline.data.uploads import upload_of
from pipeline.errors.base import GenscopeError
from pipeline.graph import document
from pipeline.graph.workflow import Workflow
from pipeline.runs.store import Store
from pipeline.studio import workflows

RUNS = 1_000
"""Number of newest runs that are searched."""


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
    runs = [record.id for record in store.recent(RUNS) if _run_uses(record.workflow_text, name, home)]
    return Uses(tuple(saved), tuple(runs))


def _run_uses(text: str, name: str, home: Path) -> bool:
    # Most runs do not contain the name and need not be parsed.
    if not any(json.dumps(name, ensure_ascii=plain)[1:-1] in text for plain in (True, False)):
        return False
    try:
        return _uses(document.read(text, "The run's workflow"), name, home)
    except GenscopeError:
        return False


def _uses(workflow: Workflow, name: str, home: Path) -> bool:
    return any(
        isinstance(source := node.inputs.get("source"), str) and upload_of(source, home) == name
        for node in workflow.nodes.values()
        if node.class_type == "ImageFiles"
    )
