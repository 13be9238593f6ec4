"""The workflow and the events of a run as Markdown, and its parameters by name."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime

from pipeline.runs.store import Event, RunRecord

Value = bool | float | str


def workflow_text(record: RunRecord) -> str:
    """The workflow document as a block of code."""
    return "\n".join(f"    {line}" for line in record.workflow_text.splitlines())


def events_text(events: Iterable[Event]) -> str:
    """The events as a table: step, time (UTC), kind, text, who."""
    rows = ["| step | time (UTC) | event | text | who |", "|---|---|---|---|---|"]
    for event in events:
        time = datetime.fromtimestamp(event.time, UTC).strftime("%Y-%m-%d %H:%M:%S")
        rows.append(f"| {event.step} | {time} | {event.kind} | {_cell(event.text)} | {_cell(event.who)} |")
    return "\n".join(rows)


def facts_text(record: RunRecord, version: str) -> str:
    """What a reader needs to know of a run beside its curves. version: of the program that writes."""
    lines = [f"- **{record.name}**, run {record.id}", f"- written by Genscope {version}"]
    if record.parent is not None:
        lines.append(f"- forked from run {record.parent} at step {record.parent_step or 0}")
    if record.note:
        lines.append(f"- {record.note}")
    return "\n".join(lines)


def parameters(record: RunRecord) -> dict[str, Value]:
    """The parameters of all nodes of the workflow, as "node.parameter", and the run's seed, device and batch size; only
    the latter for a text that is no workflow. Links and lists are left out."""
    found: dict[str, Value] = {"seed": record.seed, "device": record.device, "batch size": record.batch_size}
    try:
        nodes = json.loads(record.workflow_text)["prompt"].items()
        for node, content in nodes:
            values = content["inputs"].items()
            found |= {f"{node}.{name}": value for name, value in values if isinstance(value, bool | int | float | str)}
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        return found
    return found


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())
