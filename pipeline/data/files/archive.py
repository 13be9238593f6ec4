"""A zip of pictures, read without extracting it: nothing in it is ever written to the disk.

A zip with an unsafe entry is refused as a whole, and unsafe names are never sanitised: such a zip is an attack or not
what the user meant to upload. The table of contents is checked before anything is unpacked, and unpacked bytes are
counted, so that a forged table does not evade the limits.
"""

import stat
import threading
import zipfile
from collections.abc import Sequence
from pathlib import Path

from pipeline.data.files.archive_members import arrange_members, is_packed, plain, unsafe_name
from pipeline.data.files.bounded import read_at_most
from pipeline.data.files.limits import (
    MOST_FILE_BYTES,
    MOST_RATIO,
    MOST_ZIP_BYTES,
    MOST_ZIP_ENTRIES,
    RATIO_FROM_BYTES,
)
from pipeline.data.files.pictures import PictureFiles
from pipeline.data.files.rules import Rules
from pipeline.data.files.source import escape_name
from pipeline.data.files.zipped import UNREADABLE, BoundedZip, open_zip
from pipeline.errors.data import BrokenImage, UnusableSource

SPECIAL = frozenset((stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFSOCK))
ENCRYPTED = 0x1
"""Bit of an entry's flags."""


class ZipSource(PictureFiles):
    """Pictures in a zip. Raises UnusableSource if it holds none or is not safe."""

    def __init__(self, path: Path, rules: Rules = "0.4") -> None:
        self._lock = threading.Lock()
        self._unpacked = 0
        self._zip = open_safe_zip(path)
        try:
            members = {plain(entry.filename, rules): entry for entry in self._zip.infolist() if not entry.is_dir()}

            def text(name: str, most: int) -> bytes:
                with self._zip.open(members[name]) as stream:
                    return read_at_most(stream, most)

            arranged, notes = arrange_members(members, text, str(path), rules)
            self._entries = [members[name] for name in arranged.names]
        except BaseException:
            self._zip.close()
            raise
        super().__init__(
            path, "a zip of images", arranged.entries, broken=arranged.left_out, notes=notes, warnings=arranged.warnings
        )

    def content(self, index: int) -> bytes:
        """The bytes of an entry. Raises UnusableSource once more has been unpacked than the limit allows."""
        entry = self._entries[index]
        if entry.file_size > MOST_FILE_BYTES:
            raise BrokenImage(f"it has {entry.file_size:,} bytes, more than the {MOST_FILE_BYTES:,} allowed")
        try:
            # Reads at most the entry's declared size, which was checked when the zip was opened.
            content = self._zip.read(entry)
        except UNREADABLE as error:
            raise BrokenImage(f"it is damaged in the zip ({error or type(error).__name__})") from None
        with self._lock:
            self._unpacked += len(content)
            # Four times the limit: some pictures are read once more, to find out whether most are grey, and all of them
            # up to twice more, to find their scale and to use it.
            if self._unpacked > 4 * MOST_ZIP_BYTES:
                raise UnusableSource(str(self.path), f"it unpacks to more than {MOST_ZIP_BYTES:,} bytes")
        return content

    def close(self) -> None:
        self._zip.close()


def open_safe_zip(path: Path) -> BoundedZip:
    """Open a zip and check its table of contents. Raises UnusableSource."""
    archive = open_zip(path)
    if fault := _fault(archive.infolist(), path.stat().st_size):
        archive.close()
        raise UnusableSource(str(path), fault, "Nothing in it was read.")
    return archive


def _fault(entries: Sequence[zipfile.ZipInfo], packed_bytes: int) -> str:
    """What is wrong with the zip as a whole; "" if nothing is."""
    if len(entries) > MOST_ZIP_ENTRIES:
        return f"it lists {len(entries):,} files, more than the {MOST_ZIP_ENTRIES:,} allowed"
    seen: set[str] = set()
    for entry in entries:
        name = entry.filename if entry.is_dir() else plain(entry.filename)
        if fault := _fault_of(entry) or ("is in it twice" if name in seen else ""):
            return f"its entry {escape_name(entry.orig_filename)[:80]!r} {fault}"
        seen.add(name)
    total = sum(entry.file_size for entry in entries)
    if total > MOST_ZIP_BYTES:
        return f"it would unpack to {total:,} bytes, more than the {MOST_ZIP_BYTES:,} allowed"
    if total > RATIO_FROM_BYTES and total > MOST_RATIO * packed_bytes:
        return f"it unpacks to {total // max(1, packed_bytes):,} times its size, like a zip bomb and unlike pictures"
    return ""


def _fault_of(entry: zipfile.ZipInfo) -> str:
    # zipfile cuts a name at its first zero byte: check the name as it is stored.
    if fault := unsafe_name(entry.orig_filename):
        return fault
    if stat.S_IFMT(entry.external_attr >> 16) in SPECIAL:
        return "is a link or a device"
    if entry.flag_bits & ENCRYPTED:
        return "is encrypted"
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "is not compressed with deflate"
    if is_packed(entry.filename):
        return "is an archive inside the zip"
    if entry.file_size > RATIO_FROM_BYTES and entry.file_size > MOST_RATIO * entry.compress_size:
        return f"unpacks to {entry.file_size // max(1, entry.compress_size):,} times its size, like a zip bomb"
    return ""
