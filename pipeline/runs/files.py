"""The files of a run, in `runs/<id>/` under the home: checkpoints, sample grids, probes and the lock.

    runs/20261122-140501-3fa9c2d1/checkpoints/step-000001400/…
                                  grids/step-000001400.png
                                  probes/step-000001400.npz    (probes.py)
                                  periodic.json    what its periodic evaluation found best, and took (periodic.py)
                                  lock

Old files are deleted as new ones are added: the last three checkpoints, one per doubling of steps and the best remain,
and at most 500 grids.
"""

import os
import re
import shutil
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors.runs import UnknownRun
from pipeline.runs.atomic_files import make_folder, os_errors_as_refusals, write_atomically
from pipeline.runs.ids import is_run_id

KEPT_CHECKPOINTS = 3
KEPT_GRIDS = 500

_STEP = re.compile(r"step-([0-9]{9,18})(\.png|\.npz)?")


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

    def make(self) -> None:
        """Create the run's folders. Raises CannotWrite."""
        make_folder(self.folder / "checkpoints")
        make_folder(self.folder / "grids")

    def checkpoint_folder(self, step: int) -> Path:
        """Folder of the checkpoint of `step`, whether it exists or not."""
        return self.folder / "checkpoints" / f"step-{step:09d}"

    def checkpoints(self) -> list[tuple[int, Path]]:
        """(step, folder) of every checkpoint, sorted by step."""
        return by_step(self.folder / "checkpoints", "")

    def thin(self, also: Collection[int] = ()) -> None:
        """Delete the checkpoints that are not kept; only for the process that holds the run. also: steps of
        further ones to keep. Raises CannotWrite."""
        kept = {*kept_checkpoints([step for step, _ in self.checkpoints()]), *also}
        for step, folder in self.checkpoints():
            if step not in kept:
                doomed = folder.with_name(f".removed-{folder.name}")
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
        total = 0
        for folder, _, names in os.walk(self.folder):
            for name in names:
                try:
                    total += (Path(folder) / name).lstat().st_size
                except FileNotFoundError:
                    # Deleted since the folder was listed.
                    continue
        return total


def kept_checkpoints(steps: list[int]) -> set[int]:
    """The steps whose checkpoints are kept: the last three, and the first at or after each power of two."""
    first_of_doubling: dict[int, int] = {}
    for step in sorted(steps):
        first_of_doubling.setdefault(step.bit_length(), step)
    return {*sorted(steps)[-KEPT_CHECKPOINTS:], *first_of_doubling.values()}


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
