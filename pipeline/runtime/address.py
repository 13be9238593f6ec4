"""Where an engine is found: a folder that only this user can open, with its socket and a note of its process and key.

The folder lies in the system's temporary folder and not under `GENSCOPE_HOME`, because a socket's path may be no longer
than about 100 bytes and because a home on a network disk holds no sockets. Its name is made from the home, so that
every server with the same home finds the same engine, also after the server was started anew.
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


@dataclass(frozen=True)
class Address:
    """The place of one engine: `home` names whose, `role` which ("train" or "draw")."""

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
        """Makes the folder. Raises Fault where somebody else could look into it."""
        for folder in (self.folder.parent, self.folder):
            folder.mkdir(mode=0o700, exist_ok=True)
            status = folder.lstat()
            if status.st_uid != os.getuid() or status.st_mode & 0o077 or folder.is_symlink():
                raise Fault(f"{folder} is open to other users, so no engine is started in it. Remove that folder.")

    @contextlib.contextmanager
    def reserved(self) -> Iterator[None]:
        """Held while an engine is looked for and started, so that two servers do not start two."""
        self.open()
        with (self.folder / f"{self.role}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


@dataclass(frozen=True)
class Note:
    """What an engine leaves beside its socket: its process and the key that its links prove they know."""

    pid: int
    key: str

    def write(self, path: Path) -> None:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(asdict(self), file)


def read_note(path: Path) -> Note | None:
    """The note at `path`; None where there is none or it is not whole."""
    try:
        return Note(**json.loads(path.read_text()))
    except (OSError, ValueError, TypeError):
        return None
