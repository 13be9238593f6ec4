"""Pinned checkpoints, which are never deleted over time: one small file for each in the run's folder.

    runs/20261122-140501-3fa9c2d1/pinned/step-000001400

Any process may pin and unpin. As each pin is a file of its own, two processes never overwrite each other's.
"""

from pipeline.errors.runs import UnknownCheckpoint
from pipeline.runs.atomic_files import os_errors_as_refusals, write_atomically
from pipeline.runs.files import RunFiles, by_step
from pipeline.runs.store import Store


def pinned(files: RunFiles) -> frozenset[int]:
    """The steps whose checkpoints are pinned."""
    return frozenset(step for step, _ in by_step(files.pinned, ""))


def pin(store: Store, run: str, step: int, who: str) -> None:
    """Keep the checkpoint of this step, and record it as an event. Raises UnknownRun, UnknownCheckpoint, CannotWrite.

    The process that trains the run reads the pins before it deletes anything.
    """
    record, files = store.run(run), store.files(run)
    if step in pinned(files):
        return
    keep(files, step)
    known = [each for each, _ in files.checkpoints()]
    if step not in known:
        # Also if it has been deleted in this very moment.
        _remove(files, step)
        raise UnknownCheckpoint(run, step, known)
    store.add_event(run, record.step, "pinned", f"Checkpoint of step {step:,} pinned: it is kept", who, {"step": step})


def keep(files: RunFiles, step: int) -> None:
    """Pin the checkpoint of this step without an event, whether it exists already or not. Raises UnknownRun if the run
    was deleted meanwhile, CannotWrite."""
    files.part(files.pinned.name)
    write_atomically(files.pinned_file(step), b"")


def unpin(store: Store, run: str, step: int, who: str) -> None:
    """Let the checkpoint of this step be deleted in its time, and record it. Raises UnknownRun, CannotWrite."""
    record, files = store.run(run), store.files(run)
    if step not in pinned(files):
        return
    _remove(files, step)
    text = f"Checkpoint of step {step:,} is no longer pinned"
    store.add_event(run, record.step, "unpinned", text, who, {"step": step})


def _remove(files: RunFiles, step: int) -> None:
    path = files.pinned_file(step)
    with os_errors_as_refusals(path):
        path.unlink(missing_ok=True)
