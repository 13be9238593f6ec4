"""From which step an interrupted run can go on, and what the last resume of a run restored."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.formatting import counted, listed, plain
from pipeline.runs import checkpoints
from pipeline.runs.later_changes import LaterChange, changes_after
from pipeline.runs.store import RunRecord, Store
from pipeline.studio.run.titles import parameter_title


@dataclass(frozen=True)
class Interruption:
    """An interrupted run. reached: the last step it recorded. step: of the checkpoint from which it can go on, None if
    there is none. damaged: steps of newer checkpoints that cannot be used. changes: what users changed after the
    checkpoint, in words."""

    reached: int
    step: int | None
    damaged: tuple[int, ...]
    changes: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """What a page says beside the button that resumes it."""
        parts = [f"Interrupted at step {self.reached:,}."]
        parts += [f"The checkpoint of step {step:,} is damaged." for step in self.damaged]
        if self.step is None:
            return " ".join([*parts, "It has no checkpoint from which it could go on."])
        again = max(0, self.reached - self.step)
        repeated = f"; {counted(again, 'step')} will be trained again" if again else ""
        parts.append(f"It can go on from its checkpoint of step {self.step:,}{repeated}.")
        if self.changes:
            parts.append(f"Changes after it will be made again: {listed(self.changes)}.")
        return " ".join(parts)


def interruption(store: Store, record: RunRecord) -> Interruption | None:
    """From where an interrupted run can go on; None for other runs. Reads its newest checkpoint whole, once."""
    if record.state != "interrupted":
        return None
    damaged = []
    for step, folder in reversed(store.files(record.id).checkpoints()):
        if _fault(folder, folder.stat().st_mtime_ns):
            damaged.append(step)
            continue
        events = store.events(record.id, None)
        changes = changes_after(events, step, checkpoints.events_before(folder))
        return Interruption(record.step, step, tuple(damaged), tuple(_words(record, each) for each in changes))
    return Interruption(record.step, None, tuple(damaged), ())


class Item(NamedTuple):
    """A row of the list of what a resume restored. detail: what exactly, or why not."""

    name: str
    restored: bool
    detail: str


class Restored(NamedTuple):
    """What the last resume of a run restored. step: of the checkpoint."""

    step: int
    items: Sequence[Item]


def last_restored(store: Store, record: RunRecord) -> Restored | None:
    """What the last resume restored, as rows; None if the run was never resumed, or by an older version only."""
    resumed = (event for event in reversed(store.events(record.id)) if event.kind == "resumed" and event.data)
    event = next(resumed, None)
    if event is None or event.data is None:
        return None
    rows = [Item("Step", True, _steps(event.data))]
    rows += [Item(str(each["name"]), bool(each["restored"]), str(each["detail"])) for each in event.data["items"]]
    for each in event.data["changes"]:
        change = LaterChange(int(each["step"]), str(each["action"]), float(each["value"]), str(each["who"]))
        rows.append(Item("Change made again", True, _words(record, change)))
    rows += [
        Item("Newer checkpoint", False, f"that of step {int(step):,} is damaged: {why}")
        for step, why in event.data["damaged"].items()
    ]
    return Restored(int(event.data["step"]), rows)


def _steps(data: Any) -> str:
    again = f"; {counted(data['again'], 'step')} after it trained again" if data["again"] else ""
    return f"{data['step']:,}{again}"


def _words(record: RunRecord, change: LaterChange) -> str:
    made = (
        f"one update of the {change.update} only"
        if change.update
        else f"{parameter_title(record, change.action)} to {plain(change.value)}"
    )
    return f"{made} at step {change.step:,}" + (f" ({change.who})" if change.who else "")


@lru_cache(maxsize=256)
def _fault(folder: Path, changed: int) -> str:
    """As `checkpoints.fault`, which reads all weights. changed: when the folder was last changed."""
    return checkpoints.fault(folder)
