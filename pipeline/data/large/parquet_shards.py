"""Lists a Parquet file of images, and reads rows of it: a column of bytes, or of {bytes, path} as Hugging Face writes
it, and perhaps a column of labels.

A Parquet file is read a row group at a time, so single images in any order would read the file over and over:
`packing.py` copies the images once for that.
"""

import json
import threading
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from itertools import accumulate
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from pipeline.data.large.shard_labels import KEYS
from pipeline.errors.data import BrokenImage, UnusableSource

IMAGES = ("image", "img", "jpg", "jpeg", "png", "webp", "picture", "bytes")
"""Names of the column of images; the first that is there. Otherwise the only column that can hold images."""

AT_ONCE = 256
"""Rows read at a time, which bounds the memory."""

KEPT = 2
"""Row groups, and opened files, that are kept while single rows are read."""


class Table(NamedTuple):
    """A Parquet file of images. images, labels: names of its columns; labels "" without one. names: of labels that are
    numbers, as Hugging Face keeps them."""

    rows: int
    images: str
    labels: str
    names: Mapping[int, str]


def table_of(path: Path, column: str = "") -> Table:
    """What a Parquet file holds. column: that of the images, "" if unknown. Raises UnusableSource."""
    file = _opened(path)
    try:
        schema = file.schema_arrow
        fitting = [field.name for field in schema if _holds_bytes(field.type)]
        named = [name for name in (column, *IMAGES) if name in fitting]
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
            file, firsts = _kept(self._files, path, lambda: _with_row_groups(path))
            group = bisect_right(firsts, row) - 1
            rows = _kept(self._groups, (path, group), lambda: file.read_row_group(group, columns=[column]).column(0))
            content = _bytes_of(rows[row - firsts[group]].as_py())
        if not content:
            raise BrokenImage("its bytes are not in the file")
        return content


Key = TypeVar("Key")


def _kept(known: OrderedDict[Key, Any], key: Key, make: Callable[[], Any]) -> Any:
    """The value of a key, made if it is not known. Only the last KEPT are known."""
    if key not in known:
        known[key] = make()
    known.move_to_end(key)
    while len(known) > KEPT:
        known.popitem(last=False)
    return known[key]


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


class _damage_named:  # noqa: N801 - used as a function
    """Raises UnusableSource for what pyarrow raises at damaged files."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, _: object) -> None:
        from pyarrow import ArrowException

        if isinstance(error, ArrowException | OSError):
            reason = " ".join(str(error).split())[:100] or type(error).__name__
            raise UnusableSource(
                str(self._path), f"it is damaged or cut off ({reason})", "Copy or download it again."
            ) from None


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
