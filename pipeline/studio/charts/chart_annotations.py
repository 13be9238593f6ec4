"""The marks on a run's charts: live changes, single-network updates, forks, rewinds, stops, and the current step."""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipeline.runs.store import Event, EventKind, RunRecord, Store
from pipeline.runtime.messages.snapshot import Snapshot
from pipeline.studio.charts.curves import XAxis, positions, seconds_at
from pipeline.studio.run.titles import event_text

MARKED: Mapping[EventKind, str] = {
    "parameter changed": "Live change",
    "updated": "One network only",
    "forked": "Fork",
    "went back": "Went back",
    "stopped": "Stopped",
    "images changed": "Images changed",
}
"""Events that are marked, and the name of each kind of mark."""

HERE = "Here"
"""The kind of the mark at the current step of a run that was rewound."""

MOST = 200
"""Only the newest marks are drawn; more would cover the lines."""


def marks(store: Store, run: RunRecord, x: XAxis) -> pa.Table:
    """The marked events of a run: columns x, label and kind. Raises UnknownRun."""
    marked = [event for event in store.events(run.id) if event.kind in MARKED][-MOST:]
    steps = np.array([event.step for event in marked], dtype=np.int64)
    seconds = seconds_at(store, run, steps) if x == "time" and len(steps) else np.zeros(len(steps), np.float32)
    kinds = [MARKED[event.kind] for event in marked]
    return _table(positions(run, x, steps, seconds), [_signed(run, event) for event in marked], kinds)


def current_step_mark(run: RunRecord, snapshot: Snapshot, x: XAxis) -> pa.Table:
    """A mark like those of `marks` at the run's current step, if it was rewound; otherwise empty."""
    if snapshot.step >= snapshot.head:
        return _table(np.empty(0), [], [])
    at = positions(run, x, np.array([snapshot.step]), np.array([snapshot.seconds], np.float32))
    return _table(at, [f"Here: step {snapshot.step:,}, rewound from step {snapshot.head:,}"], [HERE])


def _table(at: NDArray[np.float64], labels: Sequence[str], kinds: Sequence[str]) -> pa.Table:
    texts = {"label": pa.array(labels, pa.string()), "kind": pa.array(kinds, pa.string())}
    return pa.table({"x": pa.array(at, pa.float64(), from_pandas=True), **texts})


def _signed(run: RunRecord, event: Event) -> str:
    text = event_text(run, event)
    return f"{text} ({event.who})" if event.who else text
