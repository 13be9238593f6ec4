"""A disk that can be filled, and has room again afterwards, for tests of what happens when nothing can be written.

A small tmpfs where this process may mount one, as the superuser of most machines may. Otherwise a limit on the size of
files: what would make one longer is refused then, as on a full disk.
"""

import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SIZE = 24 * 2**20
LEFT = 24 * 2**10
"""Bytes of the tmpfs, and those that stay free when it is full: a page of the database, but no checkpoint."""


class SmallDisk:
    """folder: on the disk. kind: what it is, in words."""

    def __init__(self, folder: Path, *, mounted: bool) -> None:
        self.folder = folder
        self.kind = "a tmpfs" if mounted else "a limit on the size of files: no file system may be mounted here"
        self._mounted = mounted
        self._limits = resource.getrlimit(resource.RLIMIT_FSIZE)

    def fill(self) -> None:
        """Leave no room."""
        if not self._mounted:
            resource.setrlimit(resource.RLIMIT_FSIZE, (LEFT, self._limits[1]))
            return
        block = bytes(LEFT)
        with (self.folder / "filler").open("ab", buffering=0) as filler:
            try:
                while filler.write(block) == len(block):
                    continue
            except OSError:
                pass
            filler.truncate(max(0, filler.tell() - LEFT))

    def free(self) -> None:
        """Make room again."""
        resource.setrlimit(resource.RLIMIT_FSIZE, self._limits)
        (self.folder / "filler").unlink(missing_ok=True)


@contextmanager
def small_disk(folder: Path) -> Iterator[SmallDisk]:
    """A disk at `folder`, which is created. It has room again when the context ends."""
    folder.mkdir(parents=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=0700", "tmpfs", str(folder)]
    mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    disk = SmallDisk(folder, mounted=mounted)
    try:
        yield disk
    finally:
        disk.free()
        if mounted:
            # Lazily: connections to the database may still be open.
            subprocess.run(["umount", "--lazy", str(folder)], check=True)
