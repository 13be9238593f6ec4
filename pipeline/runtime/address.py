"""Where to find an engine: a folder private to this user, with the engine's socket and a note of its process and key.

The folder is in the system's temporary folder and not under `GENSCOPE_HOME`, because the path of a socket is limited to
about 100 bytes and a home on a network disk may not support sockets. Its name is a hash of the home's path, so that
every server with the same home finds the same engine, also after a restart.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from pipeline.errors.base import Fault

ROLES = ("train", "draw", "evaluate")
"""The engines of a home: the training engine, the drawing engine and the evaluation engine."""


@dataclass(frozen=True)
class Address:
    """The address of the engine of a home. role: one of `ROLES`."""

    home: Path
    role: str

    @property
    def folder(self) -> Path:
        name = hashlib.sha256(str(self.home.resolve()).encode()).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"genscope-{os.getuid()}" / name

    @property
    def socket(self) -> Path:
        return self.folder / f"{self.role}.sock"

    @property
    def note(self) -> Path:
        return self.folder / f"{self.role}.json"

    def open(self) -> None:
        """Create the folder. Raises Fault if it is not private to this user."""
        for folder in (self.folder.parent, self.folder):
            folder.mkdir(mode=0o700, exist_ok=True)
            status = folder.lstat()
            if status.st_uid != os.getuid() or status.st_mode & 0o077 or folder.is_symlink():
                raise Fault(f"{folder} is open to other users, so no engine is started in it. Delete this folder.")

    @contextlib.contextmanager
    def reserved(self) -> Iterator[None]:
        """A lock to hold while looking for or starting an engine, so that two servers do not start two engines."""
        self.open()
        with (self.folder / f"{self.role}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


@dataclass(frozen=True)
class Note:
    """The file next to an engine's socket. pid: of its process. key: what clients authenticate with, in hexadecimal."""

    pid: int
    key: str

    def write(self, path: Path) -> None:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(asdict(self), file)


def read_note(path: Path) -> Note | None:
    """The note in a file; None if the file is missing or holds no note."""
    try:
        note = Note(**json.loads(path.read_text()))
    except (OSError, ValueError, TypeError, RecursionError):
        return None
    # Not isinstance: True is an int. A pid of 0 or less names a group of processes.
    return note if type(note.pid) is int and note.pid > 0 and type(note.key) is str else None
