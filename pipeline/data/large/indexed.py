"""An opened source that reads its images where an index says. No picture and no tar stays open between two reads."""

import os
import stat
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from pipeline.data.files.limits import MOST_FILE_BYTES
from pipeline.data.files.pictures import PictureFiles
from pipeline.data.files.rules import Rules
from pipeline.data.files.source import digest
from pipeline.data.large.index import Index, discard
from pipeline.data.large.parquet_shards import RowGroups
from pipeline.data.large.shard_files import shards_of
from pipeline.data.large.shard_index import index_of_shards
from pipeline.data.progress import ReadProgress
from pipeline.errors.data import BrokenImage, SourceChanged

RULES: Rules = "0.4"
"""Version 0.3 read no shards."""


class IndexedSource(PictureFiles):
    """The images of an index. folder: where the index is kept, None for one in memory only.

    Reading raises SourceChanged if the file of an image is gone or is not the one that was listed; the index is then
    deleted, so that the source is listed again when it is opened next.
    """

    def __init__(self, path: Path, index: Index, rules: Rules, folder: Path | None = None) -> None:
        super().__init__(
            path, index.kind, index.entries, broken=index.broken, notes=index.notes, warnings=index.warnings
        )
        self.index = index
        self.rules = rules
        self.watched = tuple(Path(each[0]) for each in index.stamps)
        self._folder = folder
        self._rows = RowGroups()

    def content(self, index: int) -> bytes:
        first, second = self.index.places[index].tolist()
        if self.index.layout == "files":
            return self._read(self.path / self.index.names.stored(index), (first, second), 0, first)
        number = int(self.index.shards[index])
        shard, listed = self.shard(number), self.index.stamps[number][2:]
        if self.index.layout == "parquet":
            self._require_unchanged(shard, listed)
            return self._rows.content(shard, self.index.column, first)
        return self._read(shard, listed, first, second)

    def shard(self, number: int) -> Path:
        """The path of shard `number`, from 0."""
        return self.path / self.index.shard_names[number] if self.path.is_dir() else self.path

    def grey(self) -> bool:
        return self.index.grey

    def signature(self) -> str:
        return digest(self.index.content_hash() + repr(self.index.stamps))

    def close(self) -> None:
        self._rows.close()

    def _read(self, path: Path, listed: tuple[int, int], start: int, count: int) -> bytes:
        """`count` bytes of a file from `start` on. listed: the size and time that it had."""
        if count > MOST_FILE_BYTES:
            raise BrokenImage(f"it has {count:,} bytes, more than the {MOST_FILE_BYTES:,} allowed")
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
            try:
                found = os.fstat(descriptor)
                if not stat.S_ISREG(found.st_mode) or (found.st_size, found.st_mtime_ns) != listed:
                    raise self._changed(path)
                content = os.pread(descriptor, count, start)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise self._changed(path, error) from None
        if len(content) != count:
            raise self._changed(path)
        return content

    def _require_unchanged(self, shard: Path, listed: tuple[int, int]) -> None:
        try:
            found = shard.stat()
        except OSError as error:
            raise self._changed(shard, error) from None
        if (found.st_size, found.st_mtime_ns) != listed:
            raise self._changed(shard)

    def _changed(self, path: Path, error: OSError | None = None) -> SourceChanged:
        if self._folder is not None:
            discard(self._folder)
        return SourceChanged(str(path), (error.strerror or str(error)).lower() if error else "")


def open_shards(
    path: Path, names: Sequence[str], folders: Sequence[Path], progress: ReadProgress, pictures: int = 0
) -> IndexedSource:
    """Shards, listed now. path: their folder, or the only one. names: relative to it. folders: whose change may add or
    remove one. pictures: how many lie beside them and are left out. Raises UnusableSource, and what `progress` raises.
    """
    shards = shards_of(names, str(path))
    if pictures:
        beside = "1 picture beside the shards is" if pictures == 1 else f"{pictures:,} pictures beside the shards are"
        shards = shards._replace(warnings=(*shards.warnings, f"{beside} left out."))
    index = index_of_shards(path, shards, folders, progress)
    with IndexedSource(path, index, RULES) as source:
        # Of the headers of a few images, which the index then remembers.
        grey = PictureFiles.grey(source)
    return IndexedSource(path, replace(index, grey=grey), RULES)
