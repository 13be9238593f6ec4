"""Opens a large source through its index, which is made once and kept in `home/data`.

Shards, folders of INDEXED_FROM images and more, and folders that are decoded while training have an index; everything
else is opened as always.
"""

from contextlib import suppress
from pathlib import Path

from pipeline.data.files.folder import FolderSource
from pipeline.data.files.opening import open_source
from pipeline.data.files.rules import Rules
from pipeline.data.files.source import ImageSource, digest
from pipeline.data.large import index as indexes
from pipeline.data.large.folder_index import index_of_folder
from pipeline.data.large.index import FORMAT, PREFIX
from pipeline.data.large.indexed import IndexedSource
from pipeline.data.large.one_at_a_time import one_at_a_time
from pipeline.data.large.shard_files import PARQUET_BEGINS
from pipeline.data.progress import ReadProgress, no_progress

INDEXED_FROM = 100_000
"""Images in a folder. Fewer are listed in about a second."""

TAR_MAGIC = b"ustar"
"""Of every tar since 1988, 257 bytes after its beginning."""


def open_large(
    path: Path,
    home: Path,
    rules: Rules = "0.4",
    progress: ReadProgress = no_progress,
    least: int = INDEXED_FROM,
) -> ImageSource:
    """The source at a path returned by `find`, through its index if it has one or gets one. Decodes nothing.

    least: images in a folder that gets an index. Raises UnusableSource, and what `progress` raises.
    """
    folder = index_folder(path, home, rules)
    if (known := indexes.load(folder)) is not None:
        return IndexedSource(path, known, rules, folder)
    if not (path.is_dir() or _may_be_shard(path)):
        return open_source(path, rules)
    with one_at_a_time(folder.with_suffix(".lock"), progress):
        # Another process may have made it meanwhile.
        if (known := indexes.load(folder)) is not None:
            return IndexedSource(path, known, rules, folder)
        return _listed(path, folder, rules, progress, least)


def index_folder(path: Path, home: Path, rules: Rules) -> Path:
    """Where the index of a source is kept."""
    return home / "data" / f"{PREFIX}{digest(repr((FORMAT, str(path), rules)))[:32]}"


def _listed(path: Path, folder: Path, rules: Rules, progress: ReadProgress, least: int) -> ImageSource:
    source = open_source(path, rules, progress)
    if isinstance(source, IndexedSource):
        index = source.index
    elif isinstance(source, FolderSource) and source.count >= least:
        index = index_of_folder(source, progress)
    else:
        return source
    # The index only saves time: a read-only or full disk must not prevent training.
    with suppress(OSError):
        indexes.save(index, folder)
        if (kept := indexes.load(folder)) is not None:
            return IndexedSource(path, kept, rules, folder)
    return IndexedSource(path, index, rules)


def _may_be_shard(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            begin = file.read(512)
    except OSError:
        return False
    return begin.startswith(PARQUET_BEGINS) or begin[257:262] == TAR_MAGIC
