"""Copies the images of Parquet files, as they are compressed there, into one file in `home/data`.

A Parquet file can only be read by row groups: an image drawn at random would cost the reading of hundreds. From the
pack each is read at once, and batches come in the same order as from a folder. The pack takes as much of the disk as
the images do.
"""

import os
import shutil
import tempfile
import time
import weakref
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.data.files.limits import MOST_FILE_BYTES
from pipeline.data.files.source import digest, stamp
from pipeline.data.large.index import Index
from pipeline.data.large.indexed import IndexedSource
from pipeline.data.large.one_at_a_time import one_at_a_time
from pipeline.data.large.parquet_shards import contents_of
from pipeline.data.progress import ReadProgress
from pipeline.errors.data import SourceChanged, UnusableSource
from pipeline.formatting import size

DOING = "Copying images out of Parquet files"
AT_ONCE = 1_000
"""Images between two reports of progress."""

KEPT = 4
"""Packs in a home; the least recently used are deleted. A run that reads one goes on doing so."""

PREFIX, UNFINISHED = "pack-", "packing-"
IMAGES, PLACES = "images.bin", "places.npy"

GIVEN_UP_SECONDS = 3_600
"""A copy that was not written to for so long was left by a process that was killed."""


class PackedSource(IndexedSource):
    """The images of Parquet files, read from a pack, whose file stays open: the pack may be deleted meanwhile."""

    def __init__(self, source: IndexedSource, folder: Path) -> None:
        """folder: of the pack. Raises OSError, or ValueError for a damaged one."""
        places = np.load(folder / PLACES, allow_pickle=False)
        self._folder_of_pack = folder
        self._descriptor = os.open(folder / IMAGES, os.O_RDONLY | os.O_CLOEXEC)
        weakref.finalize(self, os.close, self._descriptor)
        super().__init__(source.path, replace(source.index, places=places), source.rules)

    def content(self, index: int) -> bytes:
        start, count = self.index.places[index].tolist()
        try:
            return os.pread(self._descriptor, count, start)
        except OSError as error:
            raise _copy_unusable(self.path, self._folder_of_pack, error) from None


def packed(source: IndexedSource, home: Path, progress: ReadProgress) -> IndexedSource:
    """A source whose images are read at once: this one, or of Parquet files a pack of it, which is made if there is
    none. Raises UnusableSource if the disk is full, and what `progress` raises."""
    if source.index.layout != "parquet":
        return source
    parent = home / "data"
    folder = parent / f"{PREFIX}{digest(repr((str(source.path), source.index.stamps)))[:32]}"
    try:
        with one_at_a_time(folder.with_suffix(".lock"), progress):
            if not (folder / PLACES).exists():
                _pack(source, folder, progress)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UnusableSource(str(source.path), f"its images cannot be copied to {parent} ({reason})") from None
    with suppress(OSError):
        os.utime(folder)
    try:
        return PackedSource(source, folder)
    except (OSError, ValueError) as error:
        raise _copy_unusable(source.path, folder, error) from None


def _copy_unusable(path: Path, folder: Path, error: Exception) -> UnusableSource:
    reason = f"the copy of its images cannot be read ({' '.join(str(error).split())[:100]})"
    return UnusableSource(str(path), reason, f"Delete {folder}: they are then copied again.")


def _pack(source: IndexedSource, folder: Path, progress: ReadProgress) -> None:
    index, parent = source.index, folder.parent
    paths = [source.shard(number) for number in range(len(index.shard_names))]
    _make_room(parent)
    needed, free = sum(path.stat().st_size for path in paths), shutil.disk_usage(parent).free
    if needed > free:
        raise UnusableSource(
            str(source.path),
            f"to be read in any order its images are copied to {parent}, which takes about {size(needed)}, but only "
            f"{size(free)} is free",
            "Make room there.",
        )
    places = np.zeros((source.count, 2), np.int64)
    with tempfile.TemporaryDirectory(dir=parent, prefix=UNFINISHED, ignore_cleanup_errors=True) as place:
        beside = Path(place) / "new"
        beside.mkdir()
        with (beside / IMAGES).open("wb") as file:
            for done, (row, content) in enumerate(_in_use(index, paths)):
                if done % AT_ONCE == 0:
                    progress(DOING, done, source.count)
                # An image without bytes is found, and replaced, when it is drawn.
                places[row] = file.tell(), len(content) if len(content) <= MOST_FILE_BYTES else 0
                file.write(content)
        # Of other files than those that were listed, rows and classes would be those of other images.
        for path, listed in zip(paths, index.stamps, strict=False):
            if stamp(path) != tuple(listed):
                raise SourceChanged(str(path))
        np.save(beside / PLACES, places, allow_pickle=False)
        # What is left of one that was deleted in part.
        shutil.rmtree(folder, ignore_errors=True)
        beside.rename(folder)


def _make_room(parent: Path) -> None:
    """Delete the packs that were not used for longest, and what was never finished."""
    with suppress(OSError):
        packs = sorted(parent.glob(f"{PREFIX}*/{PLACES}"), key=lambda each: each.parent.stat().st_mtime)
        for old in packs[: -KEPT + 1]:
            shutil.rmtree(old.parent, ignore_errors=True)
        for copied in parent.glob(f"{UNFINISHED}*/new/{IMAGES}"):
            if time.time() - copied.stat().st_mtime > GIVEN_UP_SECONDS:
                shutil.rmtree(copied.parent.parent, ignore_errors=True)


def _in_use(index: Index, paths: list[Path]) -> Iterator[tuple[int, bytes]]:
    """The row in the index, and the bytes, of each image that is in use, in order."""
    for number, path in enumerate(paths):
        rows: NDArray[np.int64] = np.flatnonzero(index.shards == number)
        wanted = dict(zip(index.places[rows, 0].tolist(), rows.tolist(), strict=True))
        for place, content in enumerate(contents_of(path, index.column)):
            if place in wanted:
                yield wanted[place], content
