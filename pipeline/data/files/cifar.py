"""CIFAR-10 as distributed for Python: `cifar-10-python.tar.gz`, the folder inside it, or one of its batch files.

A batch is a pickled dictionary: `data`, (N, 3072) uint8, the red, then the green, then the blue rows of 32×32 pixels,
and `labels` (Krizhevsky 2009, https://www.cs.toronto.edu/~kriz/cifar.html). `unpickler.py` reads it.
"""

import io
import tarfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import IO, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from pipeline.data.files.arrays import ArraySource, StoredArray
from pipeline.data.files.bounded import read_at_most
from pipeline.data.files.limits import MOST_PICKLE_BYTES, MOST_TAR_BYTES
from pipeline.data.files.source import Entries
from pipeline.data.files.unpacking import open_unpacked, unpacking_errors
from pipeline.data.files.unpickler import unpickled
from pipeline.errors.data import UnusableSource

TRAINING = tuple(f"data_batch_{number}" for number in range(1, 6))
HELD_OUT = "test_batch"
NAMES = "batches.meta"
SIDE = 32
PICKLE = b"\x80"
"""First byte of a pickle of protocol 2 or later."""

KIND = "CIFAR-10's batches"


class CifarBatch(NamedTuple):
    """One batch file of CIFAR. pixels: (N, 32, 32, 3) uint8. labels: (N,) int64."""

    pixels: NDArray[np.uint8]
    labels: NDArray[np.int64]


def open_cifar(path: Path) -> ArraySource:
    """The batches in a `.tar.gz`, a folder, or a single batch file; test_batch is held out. Raises UnusableSource."""
    if path.is_dir():
        files = {name: path / name for name in (*TRAINING, HELD_OUT, NAMES) if (path / name).is_file()}
        return _source(path, {name: _content(file) for name, file in files.items()}, [path, *files.values()])
    with path.open("rb") as file:
        single = file.read(1) == PICKLE
    return _source(path, {path.name: _content(path)} if single else _members(path), [path])


def is_cifar_folder(path: Path) -> bool:
    return (path / TRAINING[0]).is_file()


def _source(path: Path, contents: Mapping[str, bytes], watched: list[Path]) -> ArraySource:
    given = {name: content for name, content in contents.items() if name != NAMES}
    # Sorted by name, the held-out batch last.
    batches = {name: _batch(given[name], path) for name in sorted(given, key=lambda name: (name == HELD_OUT, name))}
    if not sum(len(batch.labels) for batch in batches.values()):
        raise UnusableSource(str(path), "there are no batches in it")
    names = [f"{name}[{index}]" for name, batch in batches.items() for index in range(len(batch.labels))]
    labels = np.concatenate([batch.labels for batch in batches.values()])
    counts = [len(batch.labels) for batch in batches.values()]
    split = HELD_OUT in batches and len(batches) > 1
    held_out = np.repeat([name == HELD_OUT for name in batches], counts) if split else None
    classes = _class_names(contents.get(NAMES), path, int(labels.max()) + 1)
    pixels = [batch.pixels for batch in batches.values()]
    entries = Entries(names, labels, classes, held_out)
    arrays = [StoredArray(each, str(path), path.name) for each in pixels]
    return ArraySource(path, KIND, entries, (SIDE, SIDE, 3), lambda: arrays, watched=watched)


def _batch(content: bytes, path: Path) -> CifarBatch:
    found = unpickled(content, path)
    if not isinstance(found, dict):
        raise UnusableSource(str(path), "it is not a CIFAR batch (its pickle is not a dictionary)")
    facts = {key.decode("latin1") if isinstance(key, bytes) else key: value for key, value in found.items()}
    data, labels = facts.get("data"), facts.get("labels")
    if not isinstance(data, np.ndarray) or data.dtype != np.uint8 or data.shape[1:] != (3 * SIDE * SIDE,):
        raise UnusableSource(str(path), "it is not a CIFAR batch (`data` must be N×3072 8-bit numbers)")
    fitting = isinstance(labels, list) and len(labels) == len(data)
    if not fitting or not all(type(label) is int and 0 <= label < 1000 for label in cast(list[object], labels)):
        raise UnusableSource(str(path), f"its labels do not match its {len(data):,} images")
    pixels = data.reshape(-1, 3, SIDE, SIDE).transpose(0, 2, 3, 1)
    return CifarBatch(pixels, np.array(labels, dtype=np.int64))


def _class_names(content: bytes | None, path: Path, count: int) -> tuple[str, ...]:
    """The names in `batches.meta`; numbers if there are none."""
    found = unpickled(content, path) if content else {}
    names = found.get(b"label_names", found.get("label_names")) if isinstance(found, dict) else None
    texts = [name.decode("latin1") if isinstance(name, bytes) else str(name) for name in names or []]
    return tuple(texts) if len(texts) >= count else tuple(map(str, range(count)))


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return _whole(file, path)
    except OSError as error:
        raise UnusableSource(str(path), (error.strerror or str(error)).lower()) from None


def _members(path: Path) -> dict[str, bytes]:
    """The batches in a tar, by name; other members are skipped, and nothing is written to the disk."""
    found: dict[str, bytes] = {}
    try:
        with (
            path.open("rb") as file,
            open_unpacked(path, file.read(8)) as unpacked,
            tarfile.open(fileobj=_Counted(unpacked, path), mode="r|") as archive,
        ):
            for member in archive:
                name = PurePosixPath(member.name).name
                if member.isfile() and name in (*TRAINING, HELD_OUT, NAMES) and (stream := archive.extractfile(member)):
                    found[name] = _whole(stream, path)
    except unpacking_errors() as error:
        raise UnusableSource(str(path), f"it is damaged ({str(error)[:100]})") from None
    return found


class _Counted(io.RawIOBase):
    """The unpacked stream, up to a limit."""

    def __init__(self, unpacked: IO[bytes], path: Path) -> None:
        super().__init__()
        self._unpacked = unpacked
        self._path = path
        self._left = MOST_TAR_BYTES

    def read(self, size: int = -1, /) -> bytes:
        content = self._unpacked.read(size)
        self._left -= len(content)
        if self._left < 0:
            raise UnusableSource(str(self._path), f"it unpacks to more than {MOST_TAR_BYTES:,} bytes")
        return content


def _whole(stream: IO[bytes] | io.BufferedReader, path: Path) -> bytes:
    content = read_at_most(stream, MOST_PICKLE_BYTES + 1)
    if len(content) > MOST_PICKLE_BYTES:
        raise UnusableSource(str(path), f"it has more than {MOST_PICKLE_BYTES:,} bytes in one batch")
    return content
