"""Copies the images of Parquet files, as they are compressed there, into one file in `home/data`.

A Parquet file can only be read by row groups: an image drawn at random would cost the reading of hundreds. From the
pack each is read at once, and batches come in the same order as from a folder. The pack takes as much of the disk as
the images do.
"""

import os
import shutil
import tempfile
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
from pipeline.errors.data import UnusableSource
from pipeline.formatting import size

DOING = "Copying images out of Parquet files"
AT_ONCE = 1_000
"""Images between two reports of progress."""

KEPT = 4
"""Packs in a home; the least recently used are deleted. A run that reads one goes on doing so."""

PREFIX = "pack-"
IMAGES, PLACES = "images.bin", "places.npy"


def packed(source: IndexedSource, home: Path, progress: ReadProgress) -> IndexedSource:
    """A source whose images are read at once: this one, or of Parquet files a pack of it, which is made if there is
    none. Raises UnusableSource if the disk is full, and what `progress` raises."""
    if source.index.layout != "parquet":
        return source
    folder = home / "data" / f"{PREFIX}{digest(repr((str(source.path), source.index.stamps)))[:32]}"
    with one_at_a_time(folder.with_suffix(".lock"), progress):
        if not (folder / PLACES).exists():
            _pack(source, folder, progress)
    with suppress(OSError):
        os.utime(folder)
    file = folder / IMAGES
    index = replace(
        source.index,
        layout="tars",
        places=np.load(folder / PLACES, allow_pickle=False),
        shards=np.zeros(source.count, np.int32),
        shard_names=(IMAGES,),
        stamps=[stamp(file)],
    )
    return IndexedSource(file, index, source.rules)


def _pack(source: IndexedSource, folder: Path, progress: ReadProgress) -> None:
    index, parent = source.index, folder.parent
    paths = [source.shard(number) for number in range(len(index.shard_names))]
    needed, free = sum(path.stat().st_size for path in paths), shutil.disk_usage(parent).free
    if needed > free:
        raise UnusableSource(
            str(source.path),
            f"to be read in any order its images are copied to {parent}, which takes about {size(needed)}, but only "
            f"{size(free)} is free",
            "Make room there.",
        )
    places = np.zeros((source.count, 2), np.int64)
    try:
        with tempfile.TemporaryDirectory(dir=parent, ignore_cleanup_errors=True) as place:
            beside = Path(place) / "new"
            beside.mkdir()
            with (beside / IMAGES).open("wb") as file:
                for done, (row, content) in enumerate(_in_use(index, paths)):
                    if done % AT_ONCE == 0:
                        progress(DOING, done, source.count)
                    # An image without bytes is found, and replaced, when it is drawn.
                    places[row] = file.tell(), len(content) if len(content) <= MOST_FILE_BYTES else 0
                    file.write(content)
            np.save(beside / PLACES, places, allow_pickle=False)
            beside.rename(folder)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UnusableSource(str(source.path), f"its images cannot be copied to {parent} ({reason})") from None
    others = sorted(parent.glob(f"{PREFIX}*/{PLACES}"), key=lambda each: each.parent.stat().st_mtime)
    for old in others[:-KEPT]:
        shutil.rmtree(old.parent, ignore_errors=True)


def _in_use(index: Index, paths: list[Path]) -> Iterator[tuple[int, bytes]]:
    """The row in the index, and the bytes, of each image that is in use, in order."""
    for number, path in enumerate(paths):
        rows: NDArray[np.int64] = np.flatnonzero(index.shards == number)
        wanted = dict(zip(index.places[rows, 0].tolist(), rows.tolist(), strict=True))
        for place, content in enumerate(contents_of(path, index.column)):
            if place in wanted:
                yield wanted[place], content
