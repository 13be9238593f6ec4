"""A tar of pictures, plain or compressed, read without extracting it: nothing in it is ever written to the disk.

A plain tar is indexed, and each picture is read where it lies. A compressed one is unpacked once, from front to back,
and its pictures are kept in memory, since its middle cannot be reached otherwise. Unsafe members are refused as in a
zip.
"""

import os
import tarfile
import threading
from pathlib import Path, PurePosixPath

from pipeline.data.files.archive_members import (
    arrange_members,
    is_packed,
    is_picture,
    is_used_text,
    plain,
    unsafe_name,
)
from pipeline.data.files.cifar import HELD_OUT, TRAINING
from pipeline.data.files.limits import (
    MOST_FILE_BYTES,
    MOST_TABLE_BYTES,
    MOST_ZIP_BYTES,
    MOST_ZIP_ENTRIES,
)
from pipeline.data.files.pictures import PictureFiles
from pipeline.data.files.source import escape_name
from pipeline.data.files.unpacking import ForwardStream, TooMuch, is_packed_file, open_unpacked
from pipeline.data.fitting import Rules
from pipeline.errors.data import BrokenImage, UnusableSource

NOTHING_READ = "Nothing in it was read."


class HoldsCifar(Exception):
    """Raised while a tar is listed that has CIFAR's batches in it."""


class TarSource(PictureFiles):
    """Pictures in a tar. Raises UnusableSource if it holds none or is not safe, and HoldsCifar if it has CIFAR's
    batches."""

    def __init__(self, path: Path, rules: Rules = "0.4") -> None:
        self._members: dict[str, bytes | tuple[int, int]] = {}
        self._lock = threading.Lock()
        self._file = path.open("rb")
        try:
            self._list(path)
            arranged, notes = arrange_members(self._members, self._text, str(path), rules)
        except BaseException:
            self._file.close()
            raise
        self._names = arranged.names
        used = {*arranged.names, *arranged.used_texts}
        # What is not used need not stay in memory.
        self._members = {name: member for name, member in self._members.items() if name in used}
        super().__init__(
            path, "a tar of images", arranged.entries, broken=arranged.left_out, notes=notes, warnings=arranged.warnings
        )

    def content(self, index: int) -> bytes:
        member = self._members[self._names[index]]
        if isinstance(member, bytes):
            return member
        start, count = member
        if count > MOST_FILE_BYTES:
            raise BrokenImage(f"it has {count:,} bytes, more than the {MOST_FILE_BYTES:,} allowed")
        content = self._at(start, count)
        if len(content) != count:
            raise BrokenImage("it is damaged in the tar (it ends too early)")
        return content

    def close(self) -> None:
        self._file.close()

    def _text(self, name: str, most: int) -> bytes:
        member = self._members[name]
        return member[:most] if isinstance(member, bytes) else self._at(member[0], min(member[1], most))

    def _at(self, start: int, count: int) -> bytes:
        try:
            with self._lock:
                self._file.seek(start)
                return self._file.read(count)
        except (OSError, ValueError) as error:
            raise BrokenImage(f"it is damaged in the tar ({error})") from None

    def _list(self, path: Path) -> None:
        """Index the files in the tar; of a compressed one, read those that may be used."""
        begin = self._file.read(8)
        packed = is_packed_file(begin)
        try:
            with (
                open_unpacked(path, begin) as unpacked,
                ForwardStream(unpacked, os.fstat(self._file.fileno()).st_size if packed else 0) as stream,
                tarfile.open(fileobj=stream, mode="r:", encoding="utf-8", errors="surrogateescape") as archive,
            ):
                self._list_members(path, archive, stream if packed else None)
        except TooMuch as error:
            raise UnusableSource(str(path), str(error), NOTHING_READ) from None
        except (UnusableSource, HoldsCifar):
            raise
        except Exception as error:  # noqa: BLE001 - tarfile raises all kinds of errors at damaged headers
            raise UnusableSource(
                str(path), f"it is damaged ({' '.join(str(error).split())[:100] or type(error).__name__})"
            ) from None

    def _list_members(self, path: Path, archive: tarfile.TarFile, stream: ForwardStream | None) -> None:
        count = total = 0
        for member in archive:
            count += 1
            if count > MOST_ZIP_ENTRIES:
                reason = f"it lists more than the {MOST_ZIP_ENTRIES:,} files allowed"
                raise UnusableSource(str(path), reason, NOTHING_READ)
            name = plain(member.name)
            if member.isdir():
                fault = unsafe_name(member.name, "tar") if name else ""
            else:
                fault = _fault(member) or ("is in it twice" if name in self._members else "")
            if fault:
                shown = escape_name(member.name)[:80]
                raise UnusableSource(str(path), f"its entry {shown!r} {fault}", NOTHING_READ)
            if member.isdir():
                continue
            if PurePosixPath(name).name in (*TRAINING, HELD_OUT):
                raise HoldsCifar
            total += member.size
            if total > MOST_ZIP_BYTES:
                reason = f"it would unpack to more than the {MOST_ZIP_BYTES:,} bytes allowed"
                raise UnusableSource(str(path), reason, NOTHING_READ)
            if stream is None:
                self._members[name] = (member.offset_data, member.size)
            else:
                self._members[name] = self._unpacked(stream, member, name)

    def _unpacked(self, stream: ForwardStream, member: tarfile.TarInfo, name: str) -> bytes:
        """The bytes of a member that may be used; others are skipped."""
        most = MOST_FILE_BYTES if is_picture(name) else MOST_TABLE_BYTES if is_used_text(name) else 0
        if not most or member.size > most:
            return b""
        stream.seek(member.offset_data)
        pieces = []
        left = member.size
        while left > 0 and (piece := stream.read(min(left, 1_000_000))):
            pieces.append(piece)
            left -= len(piece)
        if left:
            raise EOFError("unexpected end of data")
        return b"".join(pieces)


def _fault(member: tarfile.TarInfo) -> str:
    """Why a member is refused, in words that follow its name; "" if it is not."""
    if fault := unsafe_name(member.name, "tar"):
        return fault
    if member.issym() or member.islnk() or member.isdev():
        return "is a link or a device"
    if not member.isreg() or member.issparse():
        return "is of an unknown or a sparse type"
    if is_packed(member.name):
        return "is an archive inside the tar"
    return ""
