"""Which files of a run go into a bundle.

Checkpoints are thinned out while a run is trained: all files of one are opened before any is written, so that it goes
in whole or not at all.
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Literal

from pipeline.runs import periodic
from pipeline.runs.bundles.manifest import entry_of_file, is_allowed
from pipeline.runs.files import RunFiles, by_step

CheckpointChoice = Literal["all", "chosen", "last"]
"""chosen: the last one, the best one by the periodic evaluation, and pinned ones (`pinned/step-…` in the folder)."""

OpenFile = tuple[str, IO[bytes]]
"""The path in the run's folder, and the file."""


def chosen_steps(files: RunFiles, choice: CheckpointChoice) -> set[int]:
    """The steps of the checkpoints to take."""
    steps = [step for step, _ in files.checkpoints()]
    if choice == "all":
        return set(steps)
    if choice == "last":
        return set(steps[-1:])
    facts = periodic.load(files)
    best = {facts.best.step} if facts and facts.best else set()
    pinned = {step for step, _ in by_step(files.folder / "pinned", "")}
    return {*steps[-1:], *(best | pinned) & set(steps)}


def open_groups(files: RunFiles, checkpoints: Collection[int]) -> Iterator[Sequence[OpenFile]]:
    """The files of a run, those of a checkpoint together, others one by one. Files that vanish are left out, and those
    whose names Genscope does not give.

    Each group is closed before the next one.
    """
    for step, folder in files.checkpoints():
        if step in checkpoints:
            yield from _opened(files.folder, sorted(path for path in folder.rglob("*") if path.is_file()))
    for path in sorted(files.folder.rglob("*")):
        name = path.relative_to(files.folder).as_posix()
        of_checkpoint = name.startswith("checkpoints/")
        if (
            not of_checkpoint
            and is_allowed(entry_of_file(files.run, name))
            and path.is_file()
            and not path.is_symlink()
        ):
            yield from _opened(files.folder, [path])


def _opened(folder: Path, paths: Sequence[Path]) -> Iterator[Sequence[OpenFile]]:
    with ExitStack() as stack:
        try:
            group = [(path.relative_to(folder).as_posix(), stack.enter_context(path.open("rb"))) for path in paths]
        except FileNotFoundError:
            return
        yield group
