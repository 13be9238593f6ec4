"""Writing files so that nobody meets half of one, and so that a disk that refuses says so in a sentence."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.errors.machine import CannotWrite


@contextmanager
def refusals_as_sentences(path: Path) -> Iterator[None]:
    """Raises CannotWrite for what the system refuses inside."""
    try:
        yield
    except OSError as error:
        raise CannotWrite(str(path), (error.strerror or str(error)).lower()) from error


@contextmanager
def beside(path: Path) -> Iterator[Path]:
    """A path in the same folder to write to first; whatever is left there afterwards is removed."""
    temporary = path.with_name(f".{secrets.token_hex(8)}.partial")
    try:
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


def write_whole(path: Path, content: bytes) -> None:
    """A file that is there whole or not at all, instead of one that there may be. Raises CannotWrite."""
    with refusals_as_sentences(path), beside(path) as temporary:
        temporary.write_bytes(content)
        temporary.replace(path)


def make_folder(folder: Path) -> None:
    """Make `folder`, readable by this user alone, and the folders above it. Raises CannotWrite."""
    with refusals_as_sentences(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
