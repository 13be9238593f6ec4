"""The list of what a resume restored, and of what it could not: for the event "resumed", in words and as data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.engine import run_environment
from pipeline.engine.active_run import ActiveRun
from pipeline.engine.run_threads import threads_words
from pipeline.formatting import counted, listed, plain
from pipeline.processes.group import process_count
from pipeline.runs.later_changes import LaterChange
from pipeline.training.state import Captured


@dataclass(frozen=True)
class Item:
    """One part of a run's state. restored: whether it is as it was. detail: what exactly, or why not."""

    name: str
    restored: bool
    detail: str


@dataclass(frozen=True)
class Restoration:
    """step: of the checkpoint. again: steps after it that are trained again. items: the whole list. changes: what is
    repeated. damaged: why newer checkpoints could not be used, by step."""

    place: str
    step: int
    again: int
    items: tuple[Item, ...]
    changes: tuple[LaterChange, ...]
    damaged: Mapping[int, str]

    @property
    def sentence(self) -> str:
        """What the event says: what was restored in one line, and each thing that was not."""
        parts = [f"Resumed at step {self.step:,} {self.place}"]
        parts += [
            f"The checkpoint of step {step:,} is damaged ({why}), so an earlier one was used"
            for step, why in self.damaged.items()
        ]
        if self.again:
            parts.append(f"{counted(self.again, 'step')} after it will be trained again")
        parts.append(f"Restored: {listed(item.name.lower() for item in self.items if item.restored)}")
        parts += [f"Not restored: {item.name.lower()} ({item.detail})" for item in self.items if not item.restored]
        if self.changes:
            parts.append(f"Made again at their steps: {listed(map(words, self.changes))}")
        return ". ".join(parts)

    def as_dict(self) -> dict[str, Any]:
        """The same as data of the event."""
        return {
            "step": self.step,
            "again": self.again,
            "items": [vars(item) for item in self.items],
            "changes": [each.as_dict() for each in self.changes],
            "damaged": {str(step): why for step, why in self.damaged.items()},
        }


def restoration(
    run: ActiveRun,
    captured: Captured,
    changes: Sequence[LaterChange],
    damaged: Mapping[int, str],
    differences: Sequence[str],
    processes: int,
) -> Restoration:
    """The list for a run that has just been restored, whose record still has the step that it had reached.

    captured: its checkpoint. changes: those after the checkpoint. damaged: newer checkpoints. differences: between its
    images and those that it was trained on, as clauses. processes: how many trained it so far.
    """
    items = (*_state(run, captured), *_surroundings(run, captured, differences, processes))
    place = f"on {run.device} with {threads_words(run)}"
    again = max(0, run.record.step - captured.step)
    return Restoration(place, captured.step, again, items, tuple(changes), damaged)


def words(change: LaterChange) -> str:
    """A change as a clause: `penalty.weight to 0.01 at step 1,470`."""
    made = f"one update of the {change.update} only" if change.update else f"{change.action} to {plain(change.value)}"
    return f"{made} at step {change.step:,}"


def _state(run: ActiveRun, captured: Captured) -> list[Item]:
    """What the checkpoint holds."""
    state = run.trainer.state
    missing = [role for role in state.averages if role not in captured.averages]
    averaged = [role for role in state.averages if role in captured.averages]
    unknown = sorted(state.live.keys() - captured.live.keys())
    same_kind = captured.device == state.device.type
    items = [
        # In the run's order: a file of weights has none.
        Item("Weights", True, listed(role for role in state.networks if role in captured.networks)),
        Item("Optimizer states", True, listed(role for role in state.optimizers if role in captured.optimizers)),
    ]
    if state.averages:
        detail = f"begun again from the weights: {listed(missing)}" if missing else listed(averaged)
        items.append(Item("Averaged weights", not missing, detail))
    items += [
        Item(
            "Random numbers",
            same_kind,
            "those of the run and of dropout"
            if same_kind
            else f"begun again: those of the checkpoint are of {captured.device}, this is {state.device.type}",
        ),
        Item("Position in the data", True, f"{counted(captured.images_seen, 'image')} drawn"),
        Item("Schedules", True, f"they go on from step {captured.step:,}"),
        Item(
            "Live values",
            not unknown,
            f"the checkpoint lacks {listed(unknown)}" if unknown else counted(len(captured.live), "value"),
        ),
    ]
    if state.numbers:
        items.append(Item("Numbers kept by updates", True, listed(sorted(state.numbers))))
    return items


def _surroundings(run: ActiveRun, captured: Captured, differences: Sequence[str], processes: int) -> list[Item]:
    """What equal results depend on besides, if it is not as before."""
    changed = run_environment.changed(run)
    items = []
    if processes != process_count():
        detail = f"trained by {counted(processes, 'process', 'processes')} so far, by {process_count():,} from here"
        items.append(Item("Number of processes", False, detail))
    if run.threads != captured.threads:
        items.append(Item("CPU threads", False, f"{captured.threads:,} before, {run.threads:,} now"))
    if changed:
        items.append(Item("Surroundings", False, listed(changed)))
    if differences:
        items.append(Item("Images", False, listed(differences)))
    return items
