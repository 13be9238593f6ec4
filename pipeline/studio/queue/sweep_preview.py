"""What a sweep will take before its runs are added to the queue: how many runs, how long, how many bytes on disk."""

from dataclasses import dataclass

from pipeline.formatting import counted, listed, shortened, size
from pipeline.runs.store import Store
from pipeline.studio.estimate import MOST_RUNS, estimate, spread
from pipeline.studio.queue.sweep import RefusedRun, Sweep

SHOWN = 5
"""Refused combinations that are said with their reasons; the others are counted."""


@dataclass(frozen=True)
class SweepPreview:
    """What the runs of a sweep take together, one after another.

    runs: how many. refused: combinations that cannot be trained, with the reasons. duplicates: how many were dropped.
    low, high: seconds of the runs whose speed is known from earlier ones; timed: how many these are. disk: bytes of the
    runs whose networks' sizes are known; sized: how many these are. free: bytes free on the disk, None if not known.
    """

    runs: int
    refused: tuple[RefusedRun, ...]
    duplicates: int
    low: float
    high: float
    timed: int
    disk: float
    sized: int
    free: float | None

    @property
    def time_words(self) -> str:
        """The time of all runs as a sentence."""
        if not self.timed:
            return "Time unknown until a run of about this size: it depends on the networks, the batch and the device."
        others = self.runs - self.timed
        besides = f", and {counted(others, 'run')} of unknown time" if others else ""
        return f"In all about {spread(self.low, self.high)}{besides}, one after another, by the speed of earlier runs."

    @property
    def disk_words(self) -> str:
        """The disk space of all runs as a sentence, with a warning if there is not enough."""
        if not self.sized:
            return "Disk space unknown until the networks are built."
        others = self.runs - self.sized
        besides = f", and {counted(others, 'run')} of unknown size" if others else ""
        enough = self.free is None or self.disk < self.free
        warning = "" if enough else f" Only {size(self.free or 0)} are free: free some space first."
        return f"Disk: ≈ {size(self.disk)}{besides}.{warning}"

    @property
    def sentences(self) -> tuple[str, ...]:
        """All of it in sentences."""
        dropped = counted(self.duplicates, "combination")
        return (
            f"{counted(self.runs, 'run')}.",
            *((self.time_words, self.disk_words) if self.runs else ()),
            *((f"Dropped: {dropped} with the same values as another.",) if self.duplicates else ()),
            *refused_sentences(self.refused),
        )


def preview(store: Store, sweep: Sweep) -> SweepPreview:
    """What a sweep takes, by the speed of earlier runs in this home."""
    earlier = store.recent(MOST_RUNS)
    estimates = [found for run in sweep.runs if (found := estimate(store, run.report, earlier))]
    times = [each.time for each in estimates if each.time]
    disks = [each.disk for each in estimates if each.disk]
    return SweepPreview(
        runs=len(sweep.runs),
        refused=sweep.refused,
        duplicates=sweep.duplicates,
        low=sum(each.low for each in times),
        high=sum(each.high for each in times),
        timed=len(times),
        disk=sum(each.total for each in disks),
        sized=len(disks),
        free=min((each.free for each in disks), default=None),
    )


def refused_sentences(refused: tuple[RefusedRun, ...]) -> list[str]:
    """Why combinations were refused, one sentence for each of the first, and how many others there are."""
    said = [f"Refused: {listed(each.settings)}. {shortened(each.why, 300)}" for each in refused[:SHOWN]]
    others = len(refused) - SHOWN
    return [*said, f"Refused: {counted(others, 'other combination')}."] if others > 0 else said
