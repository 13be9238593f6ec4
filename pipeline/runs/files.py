"""The files of a run, in `runs/<id>/` under the home: checkpoints, sample grids, probes and the lock.

    runs/20261122-140501-3fa9c2d1/checkpoints/step-000001400/…
                                  grids/step-000001400.png
                                  probes/step-000001400.npz    (probes.py)
                                  profiles/step-000001400.json, step-000001400.json.gz    (profiles.py)
                                  pinned/step-000001400    that this checkpoint stays (pins.py)
                                  periodic.json       what its periodic evaluation found best, and took (periodic.py)
                                  environment.json    the versions and the machine that it began with (environment.py)
                                  stage_times.json    how long the stages of its steps took (stage_times.py)
                                  lock

Old files are deleted as new ones are added: of the checkpoints, those remain that `keeping.py` keeps, and at most 500
grids.
"""

import os
import re
import shutil
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors.runs import UnknownRun
from pipeline.runs.atomic_files import make_folder, os_errors_as_refusals, write_atomically
from pipeline.runs.ids import is_run_id
from pipeline.runs.keeping import Keeping

AUTOENCODERS = "autoencoders"
"""The home's folder of copied autoencoders, on which runs build (`nodes/stored_autoencoder.py`)."""
KEPT_GRIDS = 500
_REMOVED = ".removed-"

REPLACED = ".replaced"
"""Ends the name of a checkpoint while a new one takes its place (`training/checkpoint.py`)."""

_STEP = re.compile(rf"step-([0-9]{{9,18}})(\.png|\.npz|\.json|\.json\.gz|{re.escape(REPLACED)})?")


@dataclass(frozen=True)
class RunFiles:
    """Paths of the files of one run. Nothing is created before the first write. Raises UnknownRun if `run` is not a run
    id."""

    home: Path
    run: str

    def __post_init__(self) -> None:
        if not is_run_id(self.run):
            raise UnknownRun(self.run)

    @property
    def folder(self) -> Path:
        return self.home / "runs" / self.run

    @property
    def lock(self) -> Path:
        return self.folder / "lock"

    @property
    def watching(self) -> Path:
        return self.folder / "watching.json"

    @property
    def periodic(self) -> Path:
        return self.folder / "periodic.json"

    @property
    def pause(self) -> Path:
        return self.folder / "pause.json"

    @property
    def environment(self) -> Path:
        return self.folder / "environment.json"

    @property
    def stage_times(self) -> Path:
        return self.folder / "stage_times.json"

    @property
    def pinned(self) -> Path:
        """The folder of the pins."""
        return self.folder / "pinned"

    def pinned_file(self, step: int) -> Path:
        """The file that pins the checkpoint of `step`, whether it exists or not."""
        return self.pinned / f"step-{step:09d}"

    def part(self, name: str) -> Path:
        """A folder of this name in the run's, created if it is missing. Raises UnknownRun if the run's is gone, because
        the run was deleted: nothing may bring it back. CannotWrite."""
        folder = self.folder / name
        with os_errors_as_refusals(folder):
            try:
                folder.mkdir(mode=0o700, exist_ok=True)
            except FileNotFoundError:
                raise UnknownRun(self.run) from None
        return folder

    def make(self) -> None:
        """Create the run's folders. Raises CannotWrite."""
        make_folder(self.folder / "checkpoints")
        make_folder(self.folder / "grids")

    def checkpoint_folder(self, step: int) -> Path:
        """Folder of the checkpoint of `step`, whether it exists or not."""
        return self.folder / "checkpoints" / f"step-{step:09d}"

    def checkpoints(self) -> list[tuple[int, Path]]:
        """(step, folder) of every checkpoint, sorted by step. If a process died just as one was being replaced, the old
        one is still there, and counts."""
        place = self.folder / "checkpoints"
        return sorted((dict(by_step(place, REPLACED)) | dict(by_step(place, ""))).items())

    def checkpoint_sizes(self) -> dict[int, int]:
        """Step -> bytes of its checkpoint, ascending."""
        return {step: _bytes_in(folder) for step, folder in self.checkpoints()}

    def thin(self, keeping: Keeping, best: Collection[int] = ()) -> None:
        """Delete the checkpoints that are not kept; only for the process that holds the run. best: steps that are kept
        as the best. Pinned ones are kept too. Raises CannotWrite."""
        for left in (self.folder / "checkpoints").glob(f"{_REMOVED}*"):
            # By a process that died before it had deleted it.
            shutil.rmtree(left, ignore_errors=True)
        sizes = self.checkpoint_sizes() if keeping.most_bytes else dict.fromkeys(dict(self.checkpoints()), 0)
        kept = keeping.kept(sizes, [step for step, _ in by_step(self.pinned, "")], best)
        for step, folder in self.checkpoints():
            if step not in kept:
                doomed = folder.with_name(f"{_REMOVED}{folder.name}")
                with os_errors_as_refusals(folder):
                    # Rename first: no process may find a half-deleted checkpoint.
                    folder.replace(doomed)
                    shutil.rmtree(doomed)

    def save_grid(self, step: int, png: bytes) -> Path:
        """Save the sample grid of `step`, replacing an existing one, and thin the others. Raises CannotWrite."""
        self.make()
        path = self.folder / "grids" / f"step-{step:09d}.png"
        write_atomically(path, png)
        with os_errors_as_refusals(path):
            for crowded in crowded_steps([step for step, _ in self.grids()], KEPT_GRIDS):
                path.with_name(f"step-{crowded:09d}.png").unlink(missing_ok=True)
        return path

    def drop_grids_after(self, step: int) -> None:
        """Delete the sample grids of later steps. Raises CannotWrite."""
        for later, path in self.grids():
            if later > step:
                with os_errors_as_refusals(path):
                    path.unlink(missing_ok=True)

    def grids(self) -> list[tuple[int, Path]]:
        """(step, PNG file) of every sample grid, sorted by step."""
        return by_step(self.folder / "grids", ".png")

    def disk_used(self) -> int:
        """Total bytes of the run's files; its records and metrics are in the database and not counted."""
        return _bytes_in(self.folder)


def file_sizes(folder: Path) -> Iterator[tuple[Path, int]]:
    """Every file in a folder and the folders in it, with its bytes; none if there is no folder."""
    for place, _, names in os.walk(folder):
        for name in names:
            path = Path(place, name)
            try:
                yield path, path.lstat().st_size
            except FileNotFoundError:
                # Deleted since the folder was listed.
                continue


def _bytes_in(folder: Path) -> int:
    return sum(size for _, size in file_sizes(folder))


def crowded_steps(steps: list[int], most: int) -> list[int]:
    """The steps to delete so that `most` remain, evenly spread: repeatedly the one whose neighbours are closest
    together.

    The first and the last are always kept. `most` is at least two.
    """
    remaining = sorted(steps)
    left_out = []
    while len(remaining) > most:
        gaps = [after - before for before, after in zip(remaining, remaining[2:], strict=False)]
        left_out.append(remaining.pop(gaps.index(min(gaps)) + 1))
    return left_out


def by_step(folder: Path, suffix: str) -> list[tuple[int, Path]]:
    """(step, path) of everything in `folder` named step-… that ends in `suffix`, sorted by step; [] if there is no
    folder."""
    if not folder.is_dir():
        return []
    found = ((_STEP.fullmatch(path.name), path) for path in folder.iterdir())
    return sorted((int(match[1]), path) for match, path in found if match and (match[2] or "") == suffix)
