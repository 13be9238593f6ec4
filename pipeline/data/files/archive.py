"""A zip of pictures, read without extracting it: nothing in it is ever written to the disk.

A zip with an unsafe entry is refused as a whole, and unsafe names are never sanitised: such a zip is an attack or not
what the user meant to upload. The table of contents is checked before anything is unpacked, and unpacked bytes are
counted, so that a forged table does not evade the limits.
"""

import re
import stat
import threading
import unicodedata
import zipfile
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from pipeline.data.files.class_folders import classes_from_names
from pipeline.data.files.limits import (
    MOST_FILE_BYTES,
    MOST_RATIO,
    MOST_ZIP_BYTES,
    MOST_ZIP_ENTRIES,
    RATIO_FROM_BYTES,
)
from pipeline.data.files.pictures import ENDINGS, PictureFiles, left_out
from pipeline.data.files.source import PICTURE_ENDINGS, escape_name
from pipeline.data.files.zipped import UNREADABLE, BoundedZip, open_zip
from pipeline.errors.data import BrokenImage, UnusableSource

PACKED = frozenset((".zip", ".tar", ".tgz", ".gz", ".bz2", ".xz", ".7z", ".rar", ".zst", ".npz"))
SPECIAL = frozenset((stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFSOCK))
ENCRYPTED = 0x1
"""Bit of an entry's flags."""


class ZipSource(PictureFiles):
    """Pictures in a zip. Raises UnusableSource if it holds none or is not safe."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._unpacked = 0
        self._zip = open_safe_zip(path)
        try:
            entries = [entry for entry in self._zip.infolist() if not entry.is_dir()]
            pictures = {_plain(entry.filename): entry for entry in entries if _is_picture(entry.filename)}
            if not pictures:
                raise UnusableSource(str(path), "there are no images in it", ENDINGS)
            files, known, loose = classes_from_names(list(pictures), wrapped=True)
            self._entries = [pictures[name] for name in files]
        except BaseException:
            self._zip.close()
            raise
        others = sum(not _is_picture(entry.filename) and not _is_hidden(entry.filename) for entry in entries)
        super().__init__(path, "a zip of images", known, broken=loose, notes=left_out(others))

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


def unsafe_name(name: str) -> str:
    """Why an entry's name is refused, in words that follow the name; "" if the name stays inside the zip."""
    if any(unicodedata.category(character) == "Cc" for character in name):
        return "has control characters in its name"
    if not name:
        return "has no name"
    if name[0] in "/\\":
        return "is an absolute path"
    # On Windows any character before the colon is a drive, not only a letter.
    if name[1:2] == ":":
        return "begins with a drive letter"
    if ".." in re.split(r"[/\\]", name):
        return "leads out of the zip"
    return ""


def _fault(entries: Sequence[zipfile.ZipInfo], packed_bytes: int) -> str:
    """What is wrong with the zip as a whole; "" if nothing is."""
    if len(entries) > MOST_ZIP_ENTRIES:
        return f"it lists {len(entries):,} files, more than the {MOST_ZIP_ENTRIES:,} allowed"
    seen: set[str] = set()
    for entry in entries:
        if fault := _fault_of(entry) or ("is in it twice" if entry.filename in seen else ""):
            return f"its entry {escape_name(entry.orig_filename)[:80]!r} {fault}"
        seen.add(entry.filename)
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
    if PurePosixPath(entry.filename).suffix.lower() in PACKED:
        return "is an archive inside the zip"
    if entry.file_size > RATIO_FROM_BYTES and entry.file_size > MOST_RATIO * entry.compress_size:
        return f"unpacks to {entry.file_size // max(1, entry.compress_size):,} times its size, like a zip bomb"
    return ""


def _plain(name: str) -> str:
    """The name with `/` between its parts: some Windows programs write `\\`."""
    return name.replace("\\", "/")


def _is_hidden(name: str) -> bool:
    """Files that systems add next to pictures on their own, such as `__MACOSX/._1.png`."""
    parts = _plain(name).split("/")
    return parts[0] == "__MACOSX" or any(part.startswith(".") for part in parts)


def _is_picture(name: str) -> bool:
    return PurePosixPath(_plain(name)).suffix.lower() in PICTURE_ENDINGS and not _is_hidden(name)
