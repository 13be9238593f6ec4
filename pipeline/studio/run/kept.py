"""The checkpoints that a run keeps: their sizes, and why each is kept. Pinning them."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from pipeline.errors.runs import BrokenCheckpoint
from pipeline.nodes.training.checkpoints import CheckpointRules, rules_of
from pipeline.runs import checkpoints, periodic, pins
from pipeline.runs.store import RunRecord, Store
from pipeline.studio.workflows import of_run


@dataclass(frozen=True)
class Kept:
    """A checkpoint. size: bytes. reasons: why it is kept, in words; () if the next save deletes it. pinned: whether a
    user keeps it."""

    step: int
    size: int
    reasons: tuple[str, ...]
    pinned: bool


def kept(store: Store, record: RunRecord, live: Mapping[str, float] | None = None) -> list[Kept]:
    """The run's checkpoints, newest first. live: current live values, if they are known. Raises UnknownRun."""
    files = store.files(record.id)
    sizes, pinned = files.checkpoint_sizes(), pins.pinned(files)
    found = periodic.load(files)
    best = (found.best.step,) if found and found.best else ()
    reasons = rules(store, record, live).keeping.reasons(sizes, pinned, best)
    return [Kept(step, sizes[step], reasons.get(step, ()), step in pinned) for step in sorted(sizes, reverse=True)]


def rules(store: Store, record: RunRecord, live: Mapping[str, float] | None = None) -> CheckpointRules:
    """How often the run saves a checkpoint and which it keeps. live: as for `kept`; else those of its newest
    checkpoint."""
    report = of_run(record.workflow_text, record.data_text)
    if live is None:
        newest = store.files(record.id).checkpoints()
        with suppress(BrokenCheckpoint):
            live = checkpoints.live_values(newest[-1][1]) if newest else {}
    return rules_of(report, live or {})


def pin(store: Store, run: str, step: int, who: str) -> None:
    """Keep this checkpoint whatever the rules say. Raises UnknownRun, UnknownCheckpoint, CannotWrite."""
    pins.pin(store, run, step, who)


def unpin(store: Store, run: str, step: int, who: str) -> None:
    """Let the rules decide on this checkpoint again. Raises UnknownRun, CannotWrite."""
    pins.unpin(store, run, step, who)
