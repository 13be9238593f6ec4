"""Going back: a bounded set of snapshots in memory, and the way from the nearest one to any step.

A snapshot is taken before every slice. As they grow older they are thinned out, so that a step of a moment ago is
reached at once and one of an hour ago by a longer replay. Where memory has none, a checkpoint on the disk serves.
What was done by hand stands in the journal, so that a replay does it again at the same place: on the CPU the weights
are then the same to the last bit.
"""

import math
import sys
from collections.abc import Callable, Mapping

from pipeline.errors.training import NothingBefore
from pipeline.training.state import Captured, JournalEntry
from pipeline.training.trainer import Trainer

MEBIBYTE = 1024 * 1024
DEFAULT_BUDGET = 512 * MEBIBYTE
MOST_SNAPSHOTS = 256
"""However small they are: more would only make finding one slower."""

Stored = Mapping[int, Callable[[], Captured]]
"""Checkpoints on the disk: step -> how to read it."""


class Rewind:
    """Where one run has been. head: the furthest step it has come to. first: the step that it began at. journal: of all
    that was done by hand on the way to the head."""

    def __init__(self, trainer: Trainer, first: int, budget: int = DEFAULT_BUDGET) -> None:
        self._trainer = trainer
        self._snapshots: dict[int, Captured] = {}
        self._sizes: dict[int, int] = {}
        self.journal: tuple[JournalEntry, ...] = tuple(trainer.state.journal)
        self.budget = budget
        self.first = first
        self.head = trainer.state.step

    @property
    def steps(self) -> list[int]:
        """Steps of the snapshots in memory."""
        return sorted(self._snapshots)

    @property
    def size(self) -> int:
        """Bytes that the snapshots take."""
        return sum(self._sizes[step] for step in self._snapshots)

    @property
    def in_past(self) -> bool:
        """Whether the run has been further than it is: what it does now is a replay until something is changed."""
        return self._trainer.state.step < self.head

    def set_budget(self, budget: int) -> None:
        """Bytes that the snapshots may take; those that are too many are let go. 0 keeps none."""
        self.budget = budget
        self._thin()

    def remember(self) -> None:
        """Takes a snapshot of the present step, unless it is known already or does not fit at all."""
        step = self._trainer.state.step
        known = self._snapshots.get(step)
        if self.budget <= 0 or (known and len(known.journal) == len(self._trainer.state.journal)):
            return
        self._snapshots[step] = self._trainer.capture()
        self._sizes[step] = self._snapshots[step].size
        self._thin()

    def note(self, step: int) -> None:
        """After training, or something done by hand, at `step`: how far the run has come and what its journal says."""
        if step >= self.head:
            self.head = step
            self.journal = tuple(self._trainer.state.journal)

    def nearest(self, step: int, stored: Stored) -> int:
        """The latest step, at or before `step`, of which there is a snapshot or a checkpoint. Raises NothingBefore."""
        if step < self.first:
            raise NothingBefore(step, self.first)
        known = [each for each in (*self._snapshots, *stored) if each <= step]
        if not known:
            raise NothingBefore(step, min((*self._snapshots, *stored), default=self.head))
        return max(known)

    def restore_nearest(self, step: int, stored: Stored) -> int:
        """Goes to `nearest(step)`, from which training leads to `step`, and returns it.

        Raises NothingBefore, and BrokenCheckpoint where the checkpoint it needs is damaged; nothing is changed then.
        """
        found = self.nearest(step, stored)
        captured = self._snapshots.get(found)
        self._trainer.restore(stored[found]() if captured is None else captured, self.journal)
        return found

    def _thin(self) -> None:
        """Lets snapshots go until the rest fits: each time the one that is missed least for its age."""
        steps = self.steps
        total = self.size
        while steps and (total > self.budget or len(steps) > MOST_SNAPSHOTS):
            doomed = min(range(len(steps)), key=lambda place: _worth(steps, place))
            total -= self._sizes[steps[doomed]]
            del self._snapshots[steps.pop(doomed)]


def _worth(steps: list[int], place: int) -> float:
    """How much a snapshot shortens replays for its age: the gap it would leave over its distance from the newest.

    The newest is worth most, since a mistake of this moment is undone with it, and after it the first, before which
    nothing can be reached. The others end up spaced the wider the older they are.
    """
    if place == len(steps) - 1:
        return math.inf
    if place == 0:
        return sys.float_info.max
    return (steps[place + 1] - steps[place - 1]) / (steps[-1] - steps[place])
