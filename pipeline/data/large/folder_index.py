"""The index of a folder of images: what `FolderSource` finds, with the size and time of each file."""

import os

import numpy as np

from pipeline.data.files.folder import FolderSource
from pipeline.data.files.source import BrokenFile, stamp
from pipeline.data.large.index import Index
from pipeline.data.large.names import StoredNames
from pipeline.data.progress import ReadProgress

DOING = "Listing images"
AT_ONCE = 10_000
"""Files between two reports of progress."""


def index_of_folder(source: FolderSource, progress: ReadProgress) -> Index:
    """The index of an opened folder, in the order of its entries. Raises what `progress` raises."""
    stamps = [stamp(path) for path in source.watched]
    files = source.files
    places = np.zeros((len(files), 2), np.int64)
    gone: list[int] = []
    for row, name in enumerate(files):
        if row % AT_ONCE == 0:
            progress(DOING, row, len(files))
        try:
            found = os.stat(f"{source.path}/{name}")  # noqa: PTH116 - a Path for each of a million names takes seconds
        except OSError:
            gone.append(row)
        else:
            places[row] = found.st_size, found.st_mtime_ns
    entries = source.entries
    here = np.ones(len(files), np.bool_)
    here[gone] = False
    held_out = entries.held_out
    return Index(
        layout="files",
        kind=source.kind,
        names=StoredNames.of(name for name, stays in zip(files, here.tolist(), strict=True) if stays),
        labels=entries.labels[here],
        places=places[here],
        shards=np.zeros(int(here.sum()), np.int32),
        stamps=stamps,
        class_names=entries.class_names,
        held_out=None if held_out is None else held_out[here],
        grey=source.grey(),
        broken=(*source.broken, *(BrokenFile(entries.names[row], "it is gone") for row in gone)),
        notes=source.notes,
        warnings=source.warnings,
    )
