"""The queue as the command line prints it: a table for people, facts for --json."""

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from pipeline.command.answer import CommandResult
from pipeline.formatting import ago, shortened, visible
from pipeline.runs.store import Store
from pipeline.studio.queue.engine_state import engine_state
from pipeline.studio.queue.queue_view import QueueRow, QueueView, iso_time, queue_view
from pipeline.studio.queue.start_times import start_time_words

if TYPE_CHECKING:
    from pipeline.engine.foreground_queue import Worked

LONGEST_REASON = 160


def listed_queue(store: Store) -> CommandResult:
    """All entries and what the queue does."""
    view = queue_view(store, engine_state(store))
    facts = {"queue": [_facts(row) for row in view.rows], **_whole(view)}
    return CommandResult(facts, "\n".join([*_table(view.rows), visible(view.sentence)]))


def changed(store: Store, ids: Collection[str], sentence: str, **more: Any) -> CommandResult:
    """The entries that a command has changed, and what the queue does now. sentence: what was changed."""
    view = queue_view(store, engine_state(store))
    rows = [row for row in view.rows if row.entry.id in ids]
    return CommandResult(
        {"entries": [_facts(row) for row in rows], **_whole(view), **more},
        "\n".join([visible(sentence), *_table(rows), visible(view.sentence)]),
    )


def worked(store: Store, found: "Worked", exit_code: int) -> CommandResult:
    """What became of the runs that were trained. exit_code: that of a stop signal, 0 without one; the answer's is 1 if
    a run failed or was refused."""
    view = queue_view(store, None)
    rows = [row for row in view.rows if row.entry.id in found.entries]
    wrong = any(row.state in ("failed", "refused") or (row.why and not found.paused) for row in rows)
    lines = [*_table(rows), visible(view.sentence)] if rows else [visible(view.sentence)]
    return CommandResult(
        {"entries": [_facts(row) for row in rows], "paused": found.paused, **_whole(view)},
        "\n".join(lines),
        exit_code or int(wrong),
    )


def _facts(row: QueueRow) -> dict[str, Any]:
    entry = row.entry
    return {
        "id": entry.id,
        "state": row.state,
        "number": row.number,
        "name": entry.name,
        "sweep": entry.sweep,
        "run": entry.run,
        "step": entry.run_step,
        "total_steps": entry.run_steps,
        "not_before": None if entry.not_before is None else iso_time(entry.not_before),
        "who": entry.who,
        "created": iso_time(entry.created),
        "why": row.why,
    }


def _whole(view: QueueView) -> dict[str, Any]:
    hold = view.hold
    return {"held": None if hold is None else {"since": iso_time(hold.since), "who": hold.who}, "now": view.sentence}


def _table(rows: Collection[QueueRow]) -> list[str]:
    cells = [_cells(row) for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = []
    for row, texts in zip(rows, cells, strict=True):
        lines.append("  ".join(map(str.ljust, texts, widths)).rstrip())
        if row.why:
            lines.append(f"    {visible(shortened(row.why, LONGEST_REASON))}")
    return lines


def _cells(row: QueueRow) -> tuple[str, ...]:
    entry = row.entry
    steps = "" if entry.run_steps is None else f"{entry.run_step or 0:,} of {entry.run_steps:,} steps"
    at = "" if entry.not_before is None or row.number is None else f"at {start_time_words(entry.not_before)}"
    return (
        str(row.number or ""),
        entry.id,
        f"{row.state}, resumes" if row.resumes else row.state,
        steps,
        at,
        ago(entry.created),
        visible(f"{entry.name} ({entry.who})" if entry.who else entry.name),
    )
