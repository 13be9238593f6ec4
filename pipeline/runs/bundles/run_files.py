"""Which files go into a bundle: those of a run, and the copied autoencoders that it builds on.

Checkpoints are thinned out while a run is trained: all files of one are opened before any is written, so that it goes
in whole or not at all.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from stat import S_ISREG
from typing import IO, Literal

from pipeline.runs import periodic, pins
from pipeline.runs.bundles.manifest import entry_of_file, is_allowed
from pipeline.runs.files import AUTOENCODERS, RunFiles, file_sizes
from pipeline.runs.ids import is_run_id

CheckpointChoice = Literal["all", "chosen", "last"]
"""chosen: the last one, the best one by the periodic evaluation, and pinned ones (`pinned/step-…` in the folder)."""

OpenFile = tuple[str, IO[bytes]]
"""The path in the run's folder, and the file."""


def chosen_steps(files: RunFiles, choice: CheckpointChoice, newest: int | None = None) -> set[int]:
    """The steps of the checkpoints to take. newest: without those of later steps."""
    steps = [step for step, _ in files.checkpoints() if newest is None or step <= newest]
    if choice == "all":
        return set(steps)
    if choice == "last":
        return set(steps[-1:])
    facts = periodic.load(files)
    best = {facts.best.step} if facts and facts.best else set()
    return {*steps[-1:], *(best | pins.pinned(files)) & set(steps)}


def autoencoder_copies(home: Path, workflow_texts: Iterable[str]) -> list[Path]:
    """The home's copies of autoencoders of the runs that these workflows name: without them a run that builds on one
    could not be opened where that one was not trained."""
    texts = "\n".join(workflow_texts)
    copies = ((copy.name.partition("-step-")[0], copy) for copy in sorted((home / AUTOENCODERS).glob("*-step-*")))
    return [copy for run, copy in copies if is_run_id(run) and run in texts]


def open_groups(files: RunFiles, checkpoints: Collection[int]) -> Iterator[Sequence[OpenFile]]:
    """The files of a run, those of a checkpoint together, others one by one. Files that vanish are left out, and those
    whose names Genscope does not give.

    Each group is closed before the next one.
    """
    for step, folder in files.checkpoints():
        if step in checkpoints:
            yield from _opened(files, files_in(folder))
    for path in files_in(files.folder):
        if not path.is_relative_to(files.folder / "checkpoints"):
            yield from _opened(files, [path])


def files_in(folder: Path) -> list[Path]:
    """All files in a folder and the folders in it, sorted; folders that vanish meanwhile are passed over."""
    return sorted(path for path, _ in file_sizes(folder))


def _opened(files: RunFiles, paths: Sequence[Path]) -> Iterator[Sequence[OpenFile]]:
    named = [(path.relative_to(files.folder).as_posix(), path) for path in paths]
    with ExitStack() as stack:
        try:
            group = [
                (name, stack.enter_context(path.open("rb")))
                for name, path in named
                if is_allowed(entry_of_file(files.run, name)) and S_ISREG(path.lstat().st_mode)
            ]
        except FileNotFoundError:
            return
        yield group
