"""Lists a shard as WebDataset writes it: a plain tar of samples, each a picture and perhaps its class in a `.cls` or a
`.json` of the same name. Each picture is then read where it lies.
"""

import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from pipeline.data.files.archive_members import unsafe_name
from pipeline.data.files.source import escape_name
from pipeline.data.large.shard_files import is_picture, key_and_ending
from pipeline.data.large.shard_labels import Label, label_in_json, label_in_text
from pipeline.errors.data import UnusableSource

MOST_LABEL_BYTES = 1_000_000
"""In a `.cls` or `.json`, which is read whole."""

AGAIN = "Copy or download it again."
LABELS: dict[str, Callable[[bytes, str], Label | None]] = {"cls": label_in_text, "json": label_in_json}


class Sample(NamedTuple):
    """A sample with a picture. name: of the picture in the tar. start, size: its bytes in the tar."""

    key: str
    name: str
    start: int
    size: int
    label: Label | None


def samples(path: Path, step: Callable[[int], None]) -> list[Sample]:
    """The samples of a tar that have a picture, in its order. step: called with the bytes passed, now and then; may
    raise to stop. Raises UnusableSource for a tar that is damaged, truncated, unsafe, or has a sample twice."""
    pictures: dict[str, tuple[str, int, int]] = {}
    labels: dict[str, tuple[str, Label | None]] = {}
    with path.open("rb") as file:
        for number, member in enumerate(_members(path, file)):
            if number % 1_000 == 0:
                step(member.offset)
            key, ending = key_and_ending(member.name)
            if "." not in ending and is_picture(ending):
                if key in pictures:
                    raise UnusableSource(str(path), f"it has two pictures of the key {escape_name(key)[:80]!r}")
                pictures[key] = member.name, member.offset_data, member.size
            elif (read := LABELS.get(ending)) and (key not in labels or ending == "cls"):
                here = f"{path}: its entry {escape_name(member.name)[:80]!r}"
                labels[key] = ending, read(_content(path, file, member), here)
    return [Sample(key, *found, labels[key][1] if key in labels else None) for key, found in pictures.items()]


def _members(path: Path, file: BinaryIO) -> Iterator[tarfile.TarInfo]:
    """The regular files of a tar."""
    try:
        with tarfile.open(fileobj=file, mode="r:") as archive:
            while (member := archive.next()) is not None:
                # Otherwise it keeps a kilobyte of every member.
                archive.members = []  # type: ignore[attr-defined]
                if not member.isfile():
                    continue
                if fault := unsafe_name(member.name, "tar"):
                    raise UnusableSource(str(path), f"its entry {escape_name(member.name)[:80]!r} {fault}")
                yield member
            _require_end(path, file, archive.offset)
    except (tarfile.TarError, OSError, ValueError) as error:
        reason = " ".join(str(error).split())[:100] or type(error).__name__
        raise UnusableSource(str(path), f"it is damaged or cut off ({reason})", AGAIN) from None


def _require_end(path: Path, file: BinaryIO, end: int) -> None:
    """A block of zeros ends a tar. tarfile takes one that is cut off, or damaged, after some member for complete."""
    file.seek(end)
    block = file.read(tarfile.BLOCKSIZE)
    if len(block) < tarfile.BLOCKSIZE or block.strip(b"\0"):
        raise UnusableSource(str(path), "it is damaged or cut off (it has no end)", AGAIN)


def _content(path: Path, file: BinaryIO, member: tarfile.TarInfo) -> bytes:
    count = min(member.size, MOST_LABEL_BYTES)
    file.seek(member.offset_data)
    content = file.read(count)
    if len(content) < count:
        raise UnusableSource(str(path), "it is damaged or cut off (it ends in an entry)", AGAIN)
    return content
