"""What the queue has to do with one run, in sentences: where it stands, what waits for it, what has followed it."""

import time

from pipeline.formatting import counted, listed, shortened
from pipeline.runs import queue
from pipeline.runs.queue_rows import Entry
from pipeline.runs.store import RunRecord, Store
from pipeline.runtime.messages.snapshot import Snapshot
from pipeline.studio.queue.start_times import start_time_words

NAMED = 2
"""Waiting runs that are named; the others are counted."""
LONGEST = 60
"""Characters of a name."""


def added_words(store: Store, entry_id: str, now: float | None = None) -> str:
    """Where an entry that was just added stands. now: seconds since 1970. Raises UnknownEntry."""
    entry = queue.entry(store, entry_id)
    waiting = [each.id for each in queue.entries(store) if each.state == "waiting"]
    name = shortened(entry.name, LONGEST)
    if entry_id not in waiting:
        return f"{name!r} was added to the queue, which has started it already."
    words = [f"{name!r} waits in the queue, at place {waiting.index(entry_id) + 1:,} of {len(waiting):,}."]
    if entry.not_before is not None:
        words.append(f"It starts at {start_time_words(entry.not_before, now)} or later.")
    if queue.hold_of(store) is not None:
        words.append("The queue is held: nothing starts until it is released.")
    return " ".join(words)


def waiting_words(store: Store, snapshot: Snapshot, now: float | None = None) -> str:
    """Which runs would start by now if the loaded run, which is paused, did not keep the device; "" if none would.

    snapshot: of the training engine. now: seconds since 1970.
    """
    waiting = _kept_waiting(store, snapshot, time.time() if now is None else now)
    if not waiting:
        return ""
    names = [repr(shortened(each.name, LONGEST)) for each in waiting[:NAMED]]
    if others := len(waiting) - len(names):
        names.append(f"{others:,} more")
    verb = "waits" if len(waiting) == 1 else "wait"
    return f"{counted(len(waiting), 'run')} {verb} for this one: {listed(names)}."


def successor_words(store: Store, former: RunRecord, snapshot: Snapshot) -> str:
    """Which run of the queue has followed the run `former`, which the training engine has let go; "" if none has.

    snapshot: of the training engine.
    """
    if snapshot.engine != "ready" or snapshot.run in ("", former.id):
        return ""
    entry = next((each for each in queue.entries(store) if each.run == snapshot.run), None)
    if entry is None:
        return ""
    left = {"finished": "has ended", "failed": "has failed"}.get(former.state, f"was saved at step {former.step:,}")
    whose = f", which {entry.who} added" if entry.who else ""
    return f"This run {left}, and the queue has started the next one: {shortened(snapshot.name, LONGEST)!r}{whose}."


def _kept_waiting(store: Store, snapshot: Snapshot, now: float) -> tuple[Entry, ...]:
    if snapshot.engine != "ready" or snapshot.state != "paused" or queue.hold_of(store) is not None:
        return ()
    free = (each for each in queue.entries(store) if each.state == "waiting" and not each.held)
    return tuple(each for each in free if (each.not_before or 0.0) <= now)
