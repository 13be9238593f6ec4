"""Lists a shard as WebDataset writes it: a plain tar of samples, each a picture and perhaps its class in a `.cls` or a
`.json` of the same name. Each picture is then read where it lies.
"""

import os
import re
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from pipeline.data.files.archive_members import unsafe_name
from pipeline.data.files.source import escape_name
from pipeline.data.large.shard_files import PACKED, UNPACK, is_picture, key_and_ending
from pipeline.data.large.shard_labels import Label, label_in_json, label_in_text
from pipeline.errors.data import UnusableSource

MOST_LABEL_BYTES = 1_000_000
"""In a `.cls` or `.json`, which is read whole."""

AGAIN = "Copy or download it again."
COMPRESSED = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd")
"""First bytes of what gzip, bzip2, xz and zstd write."""
SIZE = re.compile(rb" *([0-7]+)[ \0]*")
"""Octal digits. A negative size, which a number could also have, would lead back to where it stands."""

LABELS: dict[str, Callable[[bytes, str], Label | None]] = {"cls": label_in_text, "json": label_in_json}


class Sample(NamedTuple):
    """A sample with a picture. name: of the picture in the tar. start, size: its bytes in the tar."""

    key: str
    name: str
    start: int
    size: int
    label: Label | None


class Samples(NamedTuple):
    """What a tar holds. without_picture: keys of samples that have a class and no picture."""

    samples: list[Sample]
    without_picture: list[str]


class _Member(NamedTuple):
    """A regular file in a tar."""

    name: str
    start: int
    size: int


class _HasExtensions(Exception):
    """Raised at a header that only tarfile understands: a long name, another record of PAX, a size of gigabytes."""


def samples_of(path: Path, step: Callable[[int], None]) -> Samples:
    """The samples of a tar, in its order. step: called with the bytes passed, now and then; may raise to stop. Raises
    UnusableSource for a tar that is unreadable, damaged, truncated, compressed or unsafe, or has a sample twice."""
    try:
        with path.open("rb") as file:
            if os.pread(file.fileno(), 8, 0).startswith(COMPRESSED):
                raise UnusableSource(str(path), f"it {PACKED}", UNPACK)
            try:
                return _samples_of(path, file.fileno(), _plain_members(path, file.fileno()), step)
            except _HasExtensions:
                return _samples_of(path, file.fileno(), _all_members(path, file), step)
    except OSError as error:
        raise UnusableSource(str(path), f"it cannot be read ({(error.strerror or str(error)).lower()})") from None


def _samples_of(path: Path, file: int, members: Iterator[_Member], step: Callable[[int], None]) -> Samples:
    pictures: dict[str, _Member] = {}
    labels: dict[str, tuple[str, Label | None]] = {}
    for number, member in enumerate(members):
        if number % 1_000 == 0:
            step(member.start)
        if fault := unsafe_name(member.name, "tar"):
            raise UnusableSource(str(path), f"its entry {escape_name(member.name)[:80]!r} {fault}")
        key, ending = key_and_ending(member.name)
        if (read := LABELS.get(ending)) is not None:
            if key not in labels or ending == "cls":
                here = f"{path}: its entry {escape_name(member.name)[:80]!r}"
                labels[key] = ending, read(_content(path, file, member), here)
        elif "." not in ending and is_picture(ending):
            if key in pictures:
                raise UnusableSource(str(path), f"it has two pictures of the key {escape_name(key)[:80]!r}")
            pictures[key] = member
    # A .json without a label may say something of the whole shard.
    lacking = [key for key, found in labels.items() if key not in pictures and found != ("json", None)]
    found = [Sample(key, *member, labels[key][1] if key in labels else None) for key, member in pictures.items()]
    return Samples(found, lacking)


def _plain_members(path: Path, file: int) -> Iterator[_Member]:
    """The regular files of a tar without extensions, ten times as fast as tarfile lists them. Raises _HasExtensions.

    The header is that of POSIX.1-1988 (ustar): name at 0, size in octal digits at 124, type at 156, prefix at 345.
    """
    offset = 0
    while len(block := os.pread(file, tarfile.BLOCKSIZE, offset)) == tarfile.BLOCKSIZE:
        if not block[0] and not block.strip(b"\0"):
            return
        kind = block[156:157]
        if block[257:262] != b"ustar" or kind not in (tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.DIRTYPE):
            raise _HasExtensions
        if not (digits := SIZE.fullmatch(block, 124, 136)):
            raise _HasExtensions
        size = int(digits[1], 8)
        start = offset + tarfile.BLOCKSIZE
        if kind != tarfile.DIRTYPE:
            name = block[:100].partition(b"\0")[0]
            if block[262] == 0 and block[345]:
                name = block[345:500].partition(b"\0")[0] + b"/" + name
            yield _Member(os.fsdecode(name), start, size)
        offset = start + -(-size // tarfile.BLOCKSIZE) * tarfile.BLOCKSIZE
    raise UnusableSource(str(path), "it is damaged or cut off (it has no end)", AGAIN)


def _all_members(path: Path, file: BinaryIO) -> Iterator[_Member]:
    """The regular files of any tar."""
    try:
        with tarfile.open(fileobj=file, mode="r:") as archive:
            while (member := archive.next()) is not None:
                # Otherwise it keeps a kilobyte of every member.
                archive.members = []  # type: ignore[attr-defined]
                if member.size < 0:
                    raise tarfile.ReadError("an entry has a negative size")
                if member.isfile():
                    yield _Member(member.name, member.offset_data, member.size)
            # tarfile takes a tar that is cut off, or damaged, after some member for complete.
            block = os.pread(file.fileno(), tarfile.BLOCKSIZE, archive.offset)
    except (tarfile.TarError, OSError, ValueError) as error:
        reason = " ".join(str(error).split())[:100] or type(error).__name__
        raise UnusableSource(str(path), f"it is damaged or cut off ({reason})", AGAIN) from None
    if len(block) < tarfile.BLOCKSIZE or block.strip(b"\0"):
        raise UnusableSource(str(path), "it is damaged or cut off (it has no end)", AGAIN)


def _content(path: Path, file: int, member: _Member) -> bytes:
    count = min(member.size, MOST_LABEL_BYTES)
    content = os.pread(file, count, member.start)
    if len(content) < count:
        raise UnusableSource(str(path), "it is damaged or cut off (it ends in an entry)", AGAIN)
    return content
