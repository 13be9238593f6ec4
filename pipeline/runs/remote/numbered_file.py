"""A numbered file of changes: a header, the changes, each a line of JSON.

{"format": 1, "version": "0.9.0", "origin": "3fa9c2d15b7e", "number": 42, "crc32": 2774180351}
[{"kind": "changed", "run": …}, …]
"""

import json
import os
import re
import zlib
from dataclasses import dataclass
from pathlib import Path

from pipeline import VERSION
from pipeline.runs.atomic_files import os_errors_as_refusals, temporary_sibling
from pipeline.runs.remote.changes import Change, from_json

FORMAT = 1
"""Raised when an older program could not apply all changes of a file."""
_NAME = re.compile(r"([0-9]{9,18})\.json")


@dataclass(frozen=True)
class Numbered:
    """The content of a file. origin: identifies the worker's database."""

    origin: str
    number: int
    changes: tuple[Change, ...]


class Unreadable(Exception):
    """A file that is not what it should be; its text is a clause."""


class Foreign(Unreadable):
    """A file of another worker, or of another number than its name says."""


def path_of(folder: Path, number: int) -> Path:
    return folder / f"{number:09d}.json"


def number_of(path: Path) -> int | None:
    """The number of a file by its name; None for other files."""
    found = _NAME.fullmatch(path.name)
    return int(found[1]) if found else None


def write(folder: Path, origin: str, number: int, changes: bytes) -> None:
    """Write a file, whole or not at all, also if the power fails. changes: as `changes.as_json` gives them. Raises
    CannotWrite."""
    header = {"format": FORMAT, "version": VERSION, "origin": origin, "number": number, "crc32": zlib.crc32(changes)}
    path = path_of(folder, number)
    with os_errors_as_refusals(path), temporary_sibling(path) as temporary:
        with temporary.open("wb") as file:
            file.write(json.dumps(header).encode() + b"\n" + changes + b"\n")
            file.flush()
            # The worker's database forgets what this file holds.
            os.fsync(file.fileno())
        temporary.replace(path)


def read(path: Path) -> Numbered:
    """The content of a file. Raises Unreadable, and OSError."""
    try:
        content = path.read_bytes()
    except IsADirectoryError:
        raise Unreadable("it is a folder") from None
    header, _, changes = content.removesuffix(b"\n").partition(b"\n")
    try:
        facts = json.loads(header)
        format_, version, crc32 = facts["format"], str(facts["version"]), facts["crc32"]
        origin, number = str(facts["origin"]), int(facts["number"])
    except (ValueError, LookupError, TypeError, OverflowError, RecursionError):
        raise Unreadable("it is no file of a worker") from None
    if format_ != FORMAT:
        raise Unreadable(f"Genscope {version[:20]} wrote it, in a format that this one does not read")
    if crc32 != zlib.crc32(changes):
        raise Unreadable("it is damaged: its checksum is another one")
    try:
        return Numbered(origin, number, tuple(from_json(changes)))
    except ValueError:
        raise Unreadable(
            f"it holds changes that this program does not know; Genscope {version[:20]} wrote it"
        ) from None
