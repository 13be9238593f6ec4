"""Lists a Parquet file of images, and reads rows of it: a column of bytes, or of {bytes, path} as Hugging Face writes
it, and perhaps a column of labels.

A Parquet file is read a row group at a time, so single images in any order would read the file over and over:
`packing.py` copies the images once for that.
"""

import json
import os
import threading
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import accumulate
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.data.large.shard_labels import KEYS
from pipeline.errors.data import BrokenImage, UnusableSource

IMAGES = ("image", "img", "jpg", "jpeg", "png", "webp", "picture", "bytes")
"""Names of the column of images; the first that is there. Otherwise the only column that can hold images."""

AT_ONCE = 256
"""Rows read at a time, which bounds the memory."""

KEPT = 16
"""Opened files, and row groups, that are kept while single rows are read: more than threads read at a time."""

MOST_BYTES, LEAST_KEPT = 256_000_000, 2
"""Row groups that take more are not kept, but for so many."""


class Table(NamedTuple):
    """A Parquet file of images. images, labels: names of its columns; labels "" without one. names: of labels that are
    numbers, as Hugging Face keeps them."""

    rows: int
    images: str
    labels: str
    names: Mapping[int, str]


def table_of(path: Path) -> Table:
    """What a Parquet file holds. Raises UnusableSource."""
    file = _opened(path)
    try:
        schema = file.schema_arrow
        fitting = [field.name for field in schema if _holds_bytes(field.type)]
        named = [name for name in IMAGES if name in fitting]
        if not named and len(fitting) != 1:
            reason = f"it has no column of images, only {', '.join(schema.names)[:200]}"
            raise UnusableSource(str(path), reason, "Name the column of the images' bytes `image`.")
        labels = next((name for name in KEYS if name in schema.names), "")
        names = _class_names(schema.metadata or {}, labels)
        return Table(file.metadata.num_rows, named[0] if named else fitting[0], labels, names)
    finally:
        file.close()


def labels_of(path: Path, table: Table) -> Iterator[Any]:
    """The stored label of each row. Raises UnusableSource for a damaged file."""
    return _values(path, table.labels)


def contents_of(path: Path, column: str) -> Iterator[bytes]:
    """The bytes of the image of each row, b"" for a row without them. Raises UnusableSource for a damaged file."""
    return (_bytes_of(value) for value in _values(path, column))


class RowGroups:
    """Reads single rows, keeping the files and row groups that were read last. Thread-safe."""

    def __init__(self) -> None:
        self._files: OrderedDict[Path, Any] = OrderedDict()
        self._groups: OrderedDict[tuple[Path, int], Any] = OrderedDict()
        self._lock = threading.Lock()

    def content(self, path: Path, column: str, row: int) -> bytes:
        """The bytes of the image in a row. Raises BrokenImage if it has none, UnusableSource for a damaged file."""
        with self._lock, _damage_named(path):
            if path not in self._files:
                self._files[path] = _with_row_groups(path)
            self._files.move_to_end(path)
            file, firsts = self._files[path]
            number = bisect_right(firsts, row) - 1
            if (path, number) not in self._groups:
                self._groups[path, number] = file.read_row_group(number, columns=[column]).column(0)
            self._groups.move_to_end((path, number))
            self._make_room()
            content = _bytes_of(self._groups[path, number][row - firsts[number]].as_py())
        if not content:
            raise BrokenImage("its bytes are not in the file")
        return content

    def close(self) -> None:
        """Close the files, and forget what was read."""
        with self._lock:
            while self._files:
                self._files.popitem()[1][0].close()
            self._groups.clear()

    def _make_room(self) -> None:
        while len(self._files) > KEPT:
            self._files.popitem(last=False)[1][0].close()
        groups = self._groups
        while len(groups) > KEPT or (
            len(groups) > LEAST_KEPT and sum(group.nbytes for group in groups.values()) > MOST_BYTES
        ):
            groups.popitem(last=False)


def _with_row_groups(path: Path) -> tuple[Any, list[int]]:
    """An opened Parquet file, and the first row of each of its row groups."""
    file = _opened(path)
    counts = [file.metadata.row_group(group).num_rows for group in range(file.metadata.num_row_groups)]
    return file, [0, *accumulate(counts[:-1])]


def _values(path: Path, column: str) -> Iterator[Any]:
    file = _opened(path)
    try:
        with _damage_named(path):
            for batch in file.iter_batches(AT_ONCE, columns=[column], use_threads=False):
                yield from batch.column(0).to_pylist()
    finally:
        file.close()


@contextmanager
def _damage_named(path: Path) -> Iterator[None]:
    """Raises UnusableSource for what pyarrow raises at files that are damaged or cannot be read."""
    from pyarrow import ArrowException

    try:
        yield
    except (ArrowException, OSError) as error:
        if isinstance(error, OSError) and error.errno:
            raise UnusableSource(str(path), f"it cannot be read ({os.strerror(error.errno).lower()})") from None
        reason = " ".join(str(error).split())[:100] or type(error).__name__
        raise UnusableSource(str(path), f"it is damaged or cut off ({reason})", "Copy or download it again.") from None


def _opened(path: Path) -> Any:
    from pyarrow.parquet import ParquetFile

    with _damage_named(path):
        return ParquetFile(path, pre_buffer=False)


def _holds_bytes(kind: Any) -> bool:
    from pyarrow import types

    if types.is_struct(kind):
        return any(field.name == "bytes" and _holds_bytes(field.type) for field in kind)
    return bool(types.is_binary(kind) or types.is_large_binary(kind))


def _bytes_of(value: Any) -> bytes:
    content = value.get("bytes") if isinstance(value, dict) else value
    return content if isinstance(content, bytes) else b""


def _class_names(metadata: Mapping[bytes, bytes], column: str) -> Mapping[int, str]:
    """The names of a ClassLabel in the metadata that Hugging Face's `datasets` writes; {} if there are none."""
    try:
        feature = json.loads(metadata[b"huggingface"])["info"]["features"][column]
        return dict(enumerate(map(str, feature["names"])))
    except (KeyError, ValueError, TypeError):
        return {}
