"""Rewind: a bounded set of in-memory snapshots, and the return to any step by a replay from the nearest one.

A snapshot is taken before every slice. Older snapshots are thinned out, so that a recent step is reached at once and an
older one by a longer replay. If memory has no snapshot early enough, a checkpoint on the disk is used. The journal
records the user's changes, and a replay repeats them at the same steps: on the CPU the weights are then bit-identical.
"""

import math
import sys
from collections.abc import Callable, Mapping

from pipeline.errors.training import CannotRewind
from pipeline.training.state import Captured, JournalEntry
from pipeline.training.trainer import Trainer

MEBIBYTE = 1024 * 1024
DEFAULT_BUDGET = 512 * MEBIBYTE
MOST_SNAPSHOTS = 256
"""Upper limit even for small snapshots; more would only slow down the search."""

Stored = Mapping[int, Callable[[], Captured]]
"""Checkpoints on the disk: step -> function that reads it."""


class Rewind:
    """The rewind history of one run.

    head: the furthest step reached. first: the step at which the run began. journal: the user's changes up to the head,
    and those of later steps that a resumed run will repeat.
    """

    def __init__(self, trainer: Trainer, first: int, budget: int = DEFAULT_BUDGET) -> None:
        self._trainer = trainer
        self._snapshots: dict[int, Captured] = {}
        self._sizes: dict[int, int] = {}
        self.journal: tuple[JournalEntry, ...] = trainer.journal
        self.budget = budget
        self.first = first
        self.head = trainer.state.step

    @property
    def steps(self) -> list[int]:
        """Steps of the snapshots in memory."""
        return sorted(self._snapshots)

    @property
    def size(self) -> int:
        """Memory used by the snapshots, in bytes."""
        return sum(self._sizes[step] for step in self._snapshots)

    @property
    def behind_head(self) -> bool:
        """Whether the run is before its head, so that training is a replay until the user changes something."""
        return self._trainer.state.step < self.head

    def set_budget(self, budget: int) -> None:
        """Set the memory limit in bytes and drop snapshots that exceed it. 0 keeps none."""
        self.budget = budget
        self._thin()

    def remember(self) -> None:
        """Take a snapshot of the current step, unless the budget is 0 or it would equal an existing one."""
        step = self._trainer.state.step
        known = self._snapshots.get(step)
        if self.budget <= 0 or (known and len(known.journal) == len(self._trainer.state.journal)):
            return
        self._snapshots[step] = self._trainer.capture()
        self._sizes[step] = self._snapshots[step].size
        self._thin()

    def note(self, step: int) -> None:
        """Update head and journal after training or a user's change at `step`, unless the run is before its head."""
        if step >= self.head:
            self.head = step
            self.journal = self._trainer.journal

    def nearest(self, step: int, stored: Stored) -> int:
        """The latest step, at or before `step`, with a snapshot or a checkpoint. Raises CannotRewind."""
        if step < self.first:
            raise CannotRewind(step, self.first)
        known = [each for each in (*self._snapshots, *stored) if each <= step]
        if not known:
            raise CannotRewind(step, min((*self._snapshots, *stored), default=self.head))
        return max(known)

    def restore_nearest(self, step: int, stored: Stored) -> int:
        """Restore `nearest(step)`, from which training leads to `step`, and return it.

        Raises CannotRewind, and BrokenCheckpoint if the needed checkpoint is damaged; nothing is changed then.
        """
        found = self.nearest(step, stored)
        captured = self._snapshots.get(found)
        self._trainer.restore(stored[found]() if captured is None else captured, self.journal)
        return found

    def _thin(self) -> None:
        """Drop the least useful snapshots, one after the other, until the rest fits."""
        steps = self.steps
        total = self.size
        while steps and (total > self.budget or len(steps) > MOST_SNAPSHOTS):
            doomed = min(range(len(steps)), key=lambda place: _worth(steps, place))
            total -= self._sizes[steps[doomed]]
            del self._snapshots[steps.pop(doomed)]


def _worth(steps: list[int], place: int) -> float:
    """The usefulness of a snapshot: the gap that removing it would leave, divided by its distance from the newest.

    The newest is worth most, because it undoes the most recent mistake, and then the oldest, before which no step can
    be reached. The spacing of the others thus grows with their age.
    """
    if place == len(steps) - 1:
        return math.inf
    if place == 0:
        return sys.float_info.max
    return (steps[place + 1] - steps[place - 1]) / (steps[-1] - steps[place])
