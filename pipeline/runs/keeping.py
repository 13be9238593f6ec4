"""Which checkpoints of a run are kept: a rule that says of their steps and sizes which stay."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

CHECKPOINT_SECONDS = 30.0
"""Default time between checkpoints; a run that is killed loses at most about this much training."""
MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Keeping:
    """What is kept: any of these reasons is enough, and the limits then leave out the oldest.

    A pinned checkpoint, the newest one and the best ones are kept whatever the limits say. Applying the rule again to
    what it kept changes nothing.
    """

    last: int = 3
    """So many of the newest; 1 or more."""
    doublings: bool = True
    """The first at or after each power of two, so that about log2 of the steps remain of a long run."""
    every: int = 0
    """Those at multiples of so many steps; 0 for none."""
    most: int = 0
    """At most so many in all; 0 for no limit."""
    most_bytes: int = 0
    """At most so many bytes in all; 0 for no limit."""

    def kept(
        self, sizes: Mapping[int, int], pinned: Collection[int] = (), best: Collection[int] = ()
    ) -> frozenset[int]:
        """The steps whose checkpoints are kept. sizes: step -> bytes of its checkpoint; bytes matter only with
        `most_bytes`. pinned, best: steps that are kept for these reasons."""
        return frozenset(self.reasons(sizes, pinned, best))

    def reasons(
        self, sizes: Mapping[int, int], pinned: Collection[int] = (), best: Collection[int] = ()
    ) -> dict[int, tuple[str, ...]]:
        """The same steps, ascending, each with the reasons why it is kept, in words."""
        steps = sorted(sizes)
        newest = steps[-max(1, self.last) :]
        first: dict[int, int] = {}
        for step in steps:
            first.setdefault(step.bit_length(), step)
        words = {
            "pinned": frozenset(pinned),
            "best": frozenset(best),
            "among the newest": frozenset(newest),
            "first of a doubling": frozenset(first.values() if self.doublings else ()),
            f"every {self.every:,} steps": frozenset(step for step in steps if self.every and step % self.every == 0),
        }
        found = {step: tuple(word for word, its in words.items() if step in its) for step in steps}
        kept = {step: why for step, why in found.items() if why}
        spared = {*pinned, *best, *steps[-1:]}
        total = sum(sizes[step] for step in kept)
        for step in [each for each in kept if each not in spared]:
            if (not self.most or len(kept) <= self.most) and (not self.most_bytes or total <= self.most_bytes):
                break
            del kept[step]
            total -= sizes[step]
        return kept
