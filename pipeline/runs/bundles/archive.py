"""The file of a bundle: a zip whose entries are stored as they are, and whose comment is a hash of all before it.

A flipped byte anywhere is found by that hash, before the file is read as a zip at all.
"""

import json
import stat
import time
import zipfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

from pydantic import ValidationError

from pipeline import VERSION
from pipeline.errors.bundles import DamagedBundle, NewerBundle, UnusableForBundle
from pipeline.errors.machine import UnusableFile
from pipeline.runs.bundles import manifest
from pipeline.runs.bundles.manifest import BundledRun, Entry, Manifest
from pipeline.runs.exporting.progress import ExportProgress, show_bytes, unseen

PIECE = 2**20
"""Bytes that are read, hashed and written at a time."""
_LABEL = b"genscope sha256 "
_HEX = 64
_EPOCH = (1980, 1, 1, 0, 0, 0)


class BundleWriter:
    """Writes entries to a new bundle. done: bytes written so far."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._entries: list[Entry] = []
        self.done = 0

    def add(self, name: str, content: bytes) -> None:
        """Write an entry."""
        with self.entry(name) as entry:
            entry.write(content)

    @contextmanager
    def entry(self, name: str) -> Iterator["EntryWriter"]:
        """An entry that is written piece by piece. Raises UnusableForBundle if no reader would take so many."""
        if len(self._entries) == manifest.MOST_ENTRIES:
            raise UnusableForBundle(
                f"it would have more than {manifest.MOST_ENTRIES:,} files",
                "Write fewer runs to it, or leave out uploaded images.",
            )
        facts = zipfile.ZipInfo(name, _EPOCH)
        facts.external_attr = (stat.S_IFREG | 0o600) << 16
        with self._archive.open(facts, "w", force_zip64=True) as file:
            entry = EntryWriter(file)
            yield entry
        self.done += entry.size
        self._entries.append(Entry(name=name, size=entry.size, sha256=entry.hash.hexdigest()))

    def finish(self, runs: Sequence[BundledRun]) -> None:
        """Write the manifest."""
        found = Manifest(
            format=manifest.FORMAT, version=VERSION, created=time.time(), runs=tuple(runs), files=tuple(self._entries)
        )
        self._archive.writestr(zipfile.ZipInfo(manifest.MANIFEST, _EPOCH), found.model_dump_json(indent=1))


class EntryWriter:
    """An open entry. size, hash: of what was written so far."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.size = 0
        self.hash = sha256()

    def write(self, piece: bytes) -> None:
        """Append to the entry."""
        self._file.write(piece)
        self.hash.update(piece)
        self.size += len(piece)


@contextmanager
def writing(path: Path) -> Iterator[BundleWriter]:
    """Create the bundle at `path`; the caller calls `finish` and makes sure that an incomplete file is removed."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.comment = _LABEL + b"0" * _HEX
        yield BundleWriter(archive)
    hashed = sha256()
    for piece in _pieces_before_the_hash(path, unseen):
        hashed.update(piece)
    with path.open("r+b") as file:
        file.seek(-_HEX, 2)
        file.write(hashed.hexdigest().encode())


class Bundle:
    """A bundle that is open and verified: names, sizes, hashes. path: for messages. entries: by name."""

    def __init__(self, path: Path, archive: zipfile.ZipFile, found: Manifest) -> None:
        self.path = path
        self.manifest = found
        self.entries: Mapping[str, Entry] = {entry.name: entry for entry in found.files}
        self._archive = archive

    @property
    def size(self) -> int:
        """Bytes of all entries."""
        return sum(entry.size for entry in self.manifest.files)

    def open(self, name: str) -> IO[bytes]:
        """An entry, for reading."""
        return self._archive.open(name)

    def json(self, name: str) -> Any:
        """An entry as JSON. Raises DamagedBundle."""
        if self.entries[name].size > manifest.LARGEST_TEXT:
            raise self.damaged(f"{name} is too large")
        try:
            return json.loads(self._archive.read(name))
        except (ValueError, RecursionError):
            raise self.damaged(f"{name} is not JSON") from None

    def damaged(self, reason: str) -> DamagedBundle:
        """The error to raise. reason: a clause."""
        return DamagedBundle(str(self.path), reason)


@contextmanager
def opened(path: Path, progress: ExportProgress = unseen) -> Iterator[Bundle]:
    """Open and verify a bundle. Raises DamagedBundle, NewerBundle, UnusableFile."""
    with ExitStack() as stack:
        try:
            _require_own_hash(path, progress)
            archive = stack.enter_context(zipfile.ZipFile(path))
            found = _manifest(path, archive)
            _require_entries(path, archive, found)
        except OSError as error:
            raise UnusableFile(str(path), "read", (error.strerror or str(error)).lower()) from None
        except (zipfile.BadZipFile, NotImplementedError, EOFError, ValueError, RuntimeError) as error:
            # What zipfile raises for files that were made to mislead it.
            raise DamagedBundle(str(path), f"it is not a whole zip file ({error})") from None
        yield Bundle(path, archive, found)


def _require_own_hash(path: Path, progress: ExportProgress) -> None:
    with path.open("rb") as file:
        size = file.seek(0, 2)
        tail = len(_LABEL) + _HEX
        file.seek(-min(size, tail), 2)
        label = file.read(tail)
    if not label.startswith(_LABEL) or size < tail:
        raise DamagedBundle(str(path), "it does not end as a bundle does: it is another file, or cut short")
    hashed = sha256()
    for piece in _pieces_before_the_hash(path, progress):
        hashed.update(piece)
    if label[len(_LABEL) :] != hashed.hexdigest().encode():
        raise DamagedBundle(str(path), "its bytes are not those that were written")


def _pieces_before_the_hash(path: Path, progress: ExportProgress) -> Iterator[bytes]:
    left = total = path.stat().st_size - _HEX
    with path.open("rb") as file:
        while left > 0 and (piece := file.read(min(left, PIECE))):
            left -= len(piece)
            show_bytes(progress, "Checking", total - left, total)
            yield piece


def _manifest(path: Path, archive: zipfile.ZipFile) -> Manifest:
    try:
        facts = archive.getinfo(manifest.MANIFEST)
    except KeyError:
        raise DamagedBundle(str(path), f"it has no {manifest.MANIFEST}") from None
    if facts.file_size > manifest.LARGEST_TEXT or facts.compress_type != zipfile.ZIP_STORED:
        raise DamagedBundle(str(path), f"its {manifest.MANIFEST} is too large, or compressed")
    content = archive.read(manifest.MANIFEST)
    try:
        known = json.loads(content)
        if known["format"] > manifest.FORMAT:
            raise NewerBundle(str(path), known["format"], manifest.FORMAT, str(known["version"]))
        return Manifest.model_validate_json(content)
    except (ValidationError, ValueError, LookupError, TypeError, RecursionError):
        raise DamagedBundle(str(path), f"its {manifest.MANIFEST} cannot be read") from None


def _require_entries(path: Path, archive: zipfile.ZipFile, found: Manifest) -> None:
    """Compare the entries with the manifest. Raises DamagedBundle."""
    infos = [info for info in archive.infolist() if info.filename != manifest.MANIFEST]
    expected = {entry.name: entry for entry in found.files}
    if len(infos) > manifest.MOST_ENTRIES:
        raise DamagedBundle(str(path), f"it has more than {manifest.MOST_ENTRIES:,} entries")
    if sorted(info.filename for info in infos) != sorted(expected) or len(expected) != len(found.files):
        raise DamagedBundle(str(path), f"its entries are not those of its {manifest.MANIFEST}")
    runs = {run.id for run in found.runs}
    if len(runs) != len(found.runs) or not runs:
        raise DamagedBundle(str(path), f"its {manifest.MANIFEST} names no run, or one twice")
    for run in runs:
        if missing := [name for name in manifest.ROWS if manifest.entry_of_run(run, name) not in expected]:
            raise DamagedBundle(str(path), f"{missing[0]} of run {run} is missing")
    for info in infos:
        if fault := _fault(info, expected[info.filename], runs):
            raise DamagedBundle(str(path), fault)
    if sum(info.file_size for info in infos) > path.stat().st_size:
        raise DamagedBundle(str(path), "its entries share their bytes")
    for entry in found.files:
        if _hash(archive, entry.name) != entry.sha256:
            raise DamagedBundle(str(path), f"{entry.name} is not as it was written")


def _fault(info: zipfile.ZipInfo, entry: Entry, runs: Collection[str]) -> str:
    """What is wrong with an entry, besides its content, as a clause; "" if nothing is. runs: ids of the bundle's."""
    run, kind = manifest.run_of(entry.name), stat.S_IFMT(info.external_attr >> 16)
    if not manifest.is_allowed(entry.name) or (run is not None and run not in runs) or kind not in (0, stat.S_IFREG):
        return f"it has an entry that belongs to no run: {entry.name[:80]!r}"
    if info.compress_type != zipfile.ZIP_STORED or not info.file_size == info.compress_size == entry.size:
        return f"{entry.name} has another size, or is compressed"
    return ""


def _hash(archive: zipfile.ZipFile, name: str) -> str:
    """The SHA-256 of an entry, hexadecimal."""
    hashed = sha256()
    with archive.open(name) as file:
        while piece := file.read(PIECE):
            hashed.update(piece)
    return hashed.hexdigest()
