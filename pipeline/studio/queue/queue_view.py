"""What the queue does, as pages and the command line show it: a sentence, and a row for each entry."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pipeline.formatting import counted
from pipeline.runs import queue
from pipeline.runs.queue_rows import Entry, Hold
from pipeline.runs.queue_turn import find_lost, trained_elsewhere
from pipeline.runs.store import Store
from pipeline.runtime.messages.snapshot import Snapshot
from pipeline.studio.queue.start_times import start_time_words

RowState = Literal[
    "waiting", "held", "preparing", "training", "paused", "finished", "failed", "interrupted", "refused", "cancelled"
]
UNDER_WAY: tuple[RowState, ...] = ("preparing", "training", "paused")
RETRIED: tuple[RowState, ...] = ("refused", "cancelled", "paused", "interrupted", "failed")
"""Entries that `queue_changes.retry` puts back at the front."""


@dataclass(frozen=True)
class QueueRow:
    """An entry as it is shown. number: its place among those that wait, from 1; None if it does not wait."""

    entry: Entry
    state: RowState
    number: int | None = None

    @property
    def why(self) -> str:
        """Why it was refused or held, or why its run stopped; "" if there is no reason."""
        return self.entry.error or (self.entry.run_error or "" if self.state == "failed" else "")

    @property
    def resumes(self) -> bool:
        """Whether it waits to go on with a run from its last checkpoint."""
        return self.number is not None and self.entry.run is not None

    @property
    def can_be_retried(self) -> bool:
        return self.state in RETRIED


@dataclass(frozen=True)
class QueueView:
    """The queue at one moment.

    rows: what has ended, then what is being trained or paused, then what waits, each by place.
    hold: the hold of the queue as a whole. sentence: what the queue does now, and what it waits for.
    """

    rows: tuple[QueueRow, ...]
    hold: Hold | None
    sentence: str

    @property
    def waiting(self) -> tuple[QueueRow, ...]:
        return tuple(row for row in self.rows if row.number is not None)

    @property
    def ended(self) -> int:
        """How many entries `queue_changes.clear` would delete."""
        return sum(row.state in ("finished", "failed", "refused", "cancelled") for row in self.rows)


def queue_view(store: Store, snapshot: Snapshot | None, now: float | None = None) -> QueueView:
    """The queue as it is now. snapshot: of the training engine; None if there is none.

    Raises CannotWrite. now: seconds since 1970."""
    now = time.time() if now is None else now
    if snapshot is not None and snapshot.engine == "gone":
        snapshot = None
    find_lost(store)
    entries, hold = queue.entries(store), queue.hold_of(store)
    waiting = [each for each in entries if each.state == "waiting"]
    rows = [QueueRow(each, row_state(store, each)) for each in entries if each.state != "waiting"]
    rows.sort(key=lambda row: row.state in UNDER_WAY)
    rows += [QueueRow(each, row_state(store, each), number) for number, each in enumerate(waiting, 1)]
    return QueueView(tuple(rows), hold, _sentence(store, waiting, hold, snapshot, now))


def row_state(store: Store, entry: Entry) -> RowState:
    """The state of an entry, or of the run that it became."""
    match entry.state:
        case "waiting":
            return "held" if entry.held else "waiting"
        case "started":
            if entry.run_state is None:
                return "preparing"
            if entry.run_state == "running":
                return "training" if queue.is_trained(store, entry) else "interrupted"
            return entry.run_state
        case _:
            return entry.state


def _sentence(store: Store, waiting: Sequence[Entry], hold: Hold | None, snapshot: Snapshot | None, now: float) -> str:
    begun = f"{counted(len(waiting), 'run')} wait{'s' if len(waiting) == 1 else ''}"
    free = [each for each in waiting if not each.held]
    if not waiting:
        return "No run waits." if hold is None else f"No run waits. {_held(hold, now)}"
    if hold is not None:
        return f"{begun}. {_held(hold, now)}"
    if not free:
        return f"{begun}, and {'it is' if len(waiting) == 1 else 'all are'} held."
    return f"{begun}. {_next(store, free, snapshot, now)}"


def _held(hold: Hold, now: float) -> str:
    who = f" by {hold.who}" if hold.who else ""
    return f"The queue is held{who} since {start_time_words(hold.since, now)}: nothing starts until it is released."


def _next(store: Store, free: Sequence[Entry], snapshot: Snapshot | None, now: float) -> str:
    """What the next entry waits for. free: what waits and is not held."""
    if snapshot is not None and snapshot.engine == "ready" and snapshot.state == "building":
        return f"{snapshot.doing or 'A run is being prepared'}."
    if snapshot is not None and snapshot.engine == "ready" and snapshot.state == "running":
        return f"The next one starts when {snapshot.name!r} has ended."
    other = trained_elsewhere(store)
    if other is not None:
        return f"The next one starts when {other.name!r}, which is being trained, has ended."
    if snapshot is not None and snapshot.engine == "ready" and snapshot.state == "paused":
        return f"The next one waits for {snapshot.name!r}, which is paused: resume it, or start the next one now."
    first = min(free, key=lambda each: max(now, each.not_before or 0.0))
    if first.not_before is not None and first.not_before > now:
        return f"{first.name!r} starts at {start_time_words(first.not_before, now)}."
    if snapshot is None:
        return "The next one starts when a server is up, or with `python -m pipeline queue work`."
    return f"{first.name!r} starts next."


def iso_time(when: float) -> str:
    """A time with this machine's offset, for --json: 2030-01-31T18:30:00+01:00. when: seconds since 1970."""
    return datetime.fromtimestamp(when).astimezone().isoformat(timespec="seconds")
