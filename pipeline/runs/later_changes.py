"""What users changed in a run after one of its checkpoints, from the run's events: resume repeats it, step by step.

A checkpoint says how many events its run had when it was saved. So it is known even of a change at the checkpoint's own
step whether the checkpoint has it.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.runs.store import Event

ONLY = "only "
"""Begins the action of an update that was run by itself, outside a step; the update's name follows."""

_UPDATED = re.compile(r"One update of the (.+) only")
"""The text of the event, for runs whose events do not name the update in their data."""


@dataclass(frozen=True)
class LaterChange:
    """One change. step: the finished steps when it was made. action: "node.parameter" of a live parameter, or ONLY and
    the name of an update. value: the parameter's new value; 1 for an update. who: the user who made it."""

    step: int
    action: str
    value: float
    who: str = ""

    @property
    def update(self) -> str:
        """The name of the update that was run by itself; "" for a live parameter."""
        return self.action.removeprefix(ONLY) if self.action.startswith(ONLY) else ""

    def as_dict(self) -> dict[str, Any]:
        """For the data of an event."""
        return {"step": self.step, "action": self.action, "value": self.value, "who": self.who}


def changes_after(events: Sequence[Event], step: int, recorded: int | None) -> list[LaterChange]:
    """The changes that lead from a checkpoint to what its run was, by step.

    events: all of the run, oldest first. step: of the checkpoint. recorded: how many of the events were recorded before
    it was saved; None if unknown, and then changes at its own step count as saved.

    A change that is made earlier in the run, but later in time, than others of the same parameter replaces them: a user
    resumed the run, and decided otherwise. What an older version of the program resumed without is lost.
    """
    found: list[LaterChange] = []
    for place, event in enumerate(events):
        if event.kind == "resumed" and not event.data:
            found = [each for each in found if each.step <= event.step]
        for change in _changes_of(event):
            if not change.update:
                found = [each for each in found if each.action != change.action or each.step <= change.step]
            at_once = change.step == step and recorded is not None and place >= recorded
            if change.step > step or at_once:
                found.append(change)
    # Stable: changes at the same step stay in the order in which they were made.
    return sorted(found, key=lambda each: each.step)


def _changes_of(event: Event) -> Iterable[LaterChange]:
    """The change that an event records; for the start of a reproduction, all that it will repeat."""
    data: Mapping[str, Any] = event.data or {}
    match event.kind:
        case "parameter changed" if isinstance(data.get("to"), int | float):
            yield LaterChange(event.step, str(data["parameter"]), float(data["to"]), event.who)
        case "updated":
            told = _UPDATED.fullmatch(event.text)
            if name := data.get("update") or (told and told[1]):
                yield LaterChange(event.step, f"{ONLY}{name}", 1.0, event.who)
        case "started":
            for each in data.get("changes", ()):
                yield LaterChange(int(each["step"]), str(each["action"]), float(each["value"]), str(each["who"]))
