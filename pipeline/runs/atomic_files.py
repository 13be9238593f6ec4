"""Atomic file writes: readers see the old file or the new one, never half of one. Turns OS errors into messages for
users."""

import errno
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.errors.machine import CannotWrite

_MISPLACED = {
    errno.EACCES,
    errno.EPERM,
    errno.EROFS,
    errno.EEXIST,
    errno.EISDIR,
    errno.ELOOP,
    errno.ENAMETOOLONG,
    errno.ENOENT,
    errno.ENOTDIR,
}
"""Errors that more space would not mend."""


@contextmanager
def os_errors_as_refusals(path: Path) -> Iterator[None]:
    """Turns an OSError raised inside into CannotWrite."""
    try:
        yield
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        if error.errno in _MISPLACED:
            advice = "Choose a folder that you may write to; the folder of runs is set by GENSCOPE_HOME"
            raise CannotWrite(str(path), reason, advice) from error
        raise CannotWrite(str(path), reason) from error


@contextmanager
def temporary_sibling(path: Path) -> Iterator[Path]:
    """A temporary path in the same folder, to write to first; deleted afterwards if it still exists."""
    temporary = path.with_name(f".{secrets.token_hex(8)}.partial")
    try:
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file atomically, replacing an existing one. Raises CannotWrite."""
    with os_errors_as_refusals(path), temporary_sibling(path) as temporary:
        temporary.write_bytes(content)
        temporary.replace(path)


def make_folder(folder: Path, *, private: bool = True) -> None:
    """Create `folder` and its parents. private: accessible to this user only; a folder that a user names is as others
    are. Raises CannotWrite."""
    with os_errors_as_refusals(folder):
        folder.mkdir(mode=0o700 if private else 0o777, parents=True, exist_ok=True)
