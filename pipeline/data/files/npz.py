"""Images in an `.npz`: MedMNIST's files, Keras's `mnist.npz`, or plain arrays of images and labels.

Nothing pickled is ever read: an array of Python objects is refused. Shapes and types are read from the arrays' headers
and compared with the actual number of bytes before any memory is allocated.
"""

import math
import zipfile
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import IO, NamedTuple

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from pipeline.data.files.arrays import (
    ArraySource,
    StoredArray,
    classes_of,
    image_shape,
    type_warnings,
    with_channels_last,
)
from pipeline.data.files.bounded import read_at_most
from pipeline.data.files.limits import MOST_ARRAY_BYTES, MOST_RATIO, MOST_ZIP_ENTRIES
from pipeline.data.files.source import Entries
from pipeline.data.files.zipped import UNREADABLE, open_zip
from pipeline.errors.data import UnusableSource

TRAINING = (("train_images", "train_labels"), ("x_train", "y_train"))
HELD_OUT = (
    ("val_images", "val_labels"), ("test_images", "test_labels"),
    ("x_val", "y_val"), ("x_valid", "y_valid"), ("x_test", "y_test"),
)  # fmt: skip
WHOLE = (("images", "labels"), ("x", "y"), ("pixels", "labels"), ("data", "labels"), ("arr_0", "arr_1"))
"""Names of arrays of images and of their labels, in lower case."""

EXPECTED = (
    "It needs arrays `images` and `labels` (or x and y, or pixels), or MedMNIST's `train_images`, `train_labels`, …"
)
LONGEST_HEADER = 10_000


class ArrayHeader(NamedTuple):
    """The header of an array in the file. bytes: size of its data."""

    shape: tuple[int, ...]
    fortran: bool
    dtype: np.dtype[np.generic]

    @property
    def bytes(self) -> int:
        return math.prod(self.shape) * self.dtype.itemsize


class Part(NamedTuple):
    """An array of images and its labels; labels: "" if there are none."""

    images: str
    labels: str
    held_out: bool


def open_npz(path: Path) -> ArraySource:
    """Open an `.npz` as a source. Raises UnusableSource."""
    headers = read_headers(path)
    parts = _parts(path, headers)
    shapes = {part.images: image_shape(headers[part.images].shape, _where(path, part.images)) for part in parts}
    if len(set(shapes.values())) > 1:
        raise UnusableSource(str(path), f"its images differ in shape ({_words(shapes)})")
    counts = [headers[part.images].shape[0] for part in parts]
    if not sum(counts):
        raise UnusableSource(str(path), "there are no images in it")
    labels, notes = _labels(path, headers, parts)
    split = len({part.held_out for part in parts}) > 1
    held_out = np.repeat([part.held_out for part in parts], counts) if split else None
    names = [f"{part.images}[{index}]" for part, count in zip(parts, counts, strict=True) for index in range(count)]
    places, class_names = classes_of(labels) if labels is not None else (np.zeros(sum(counts), np.int64), ())
    shape = next(iter(shapes.values()))

    def load() -> list[StoredArray]:
        return [
            StoredArray(
                with_channels_last(read_array(path, part.images), shape), _where(path, part.images), part.images
            )
            for part in parts
        ]

    warnings = type_warnings({part.images: headers[part.images].dtype for part in parts})
    entries = Entries(names, places, class_names, held_out)
    return ArraySource(path, "an .npz file", entries, shape, load, notes=notes, warnings=warnings)


def read_headers(path: Path) -> Mapping[str, ArrayHeader]:
    """The headers of all arrays, by name. Raises UnusableSource if one of them is not safe to read."""
    with open_zip(path) as archive:
        members = archive.infolist()
        if len(members) > MOST_ZIP_ENTRIES:
            raise UnusableSource(str(path), f"it lists {len(members):,} arrays")
        return {
            member.filename.removesuffix(".npy"): _header(path, archive, member)
            for member in members
            if member.filename.endswith(".npy")
        }


def read_array(path: Path, name: str) -> NDArray[np.generic]:
    """One array. Raises UnusableSource if it does not match its header."""
    with open_zip(path) as archive:
        member = archive.getinfo(f"{name}.npy")
        found = _header(path, archive, member)
        try:
            with archive.open(member) as stream:
                _read_header(stream)
                content = read_at_most(stream, found.bytes)
        except UNREADABLE as error:
            raise UnusableSource(_where(path, name), f"it is damaged ({error or type(error).__name__})") from None
    if len(content) != found.bytes:
        raise UnusableSource(_where(path, name), "it ends too early")
    array = np.frombuffer(content, found.dtype)
    return array.reshape(found.shape, order="F" if found.fortran else "C")


def _header(path: Path, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> ArrayHeader:
    where = _where(path, member.filename.removesuffix(".npy"))
    try:
        with archive.open(member) as stream:
            shape, fortran, dtype = _read_header(stream)
    except Exception as error:  # noqa: BLE001 - numpy parses a header as Python, which can raise almost anything
        reason = " ".join(str(error).split())[:100] or type(error).__name__
        raise UnusableSource(where, f"its header cannot be read ({reason})") from None
    if dtype.hasobject:
        raise UnusableSource(where, "it holds pickled Python objects, which can run code when they are read")
    found = ArrayHeader(shape, fortran, dtype)
    if min(shape, default=1) < 0 or found.bytes > MOST_ARRAY_BYTES:
        raise UnusableSource(where, f"it has {found.bytes:,} bytes, more than the {MOST_ARRAY_BYTES:,} allowed")
    if found.bytes > member.file_size:
        raise UnusableSource(where, f"its header promises {found.bytes:,} bytes, but there are {member.file_size:,}")
    if member.file_size > 100_000_000 and member.file_size > MOST_RATIO * member.compress_size:
        raise UnusableSource(
            where, f"it unpacks to more than {MOST_RATIO:,} times its size, like a zip bomb and unlike images"
        )
    return found


def _read_header(stream: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype[np.generic]]:
    readers = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}
    version = npy.read_magic(stream)
    if version not in readers:
        raise ValueError(f"version {version[0]}.{version[1]} of the format")
    return readers[version](stream, max_header_size=LONGEST_HEADER)


def _parts(path: Path, headers: Mapping[str, ArrayHeader]) -> list[Part]:
    known = {name.lower(): name for name in headers}

    def found(pairs: Sequence[tuple[str, str]], held_out: bool) -> list[Part]:
        return [Part(known[x], known.get(y, ""), held_out) for x, y in pairs if x in known]

    if parts := found(TRAINING, held_out=False):
        return parts[:1] + found(HELD_OUT, held_out=True)
    if parts := found(WHOLE, held_out=False):
        return parts[:1]
    candidates = [name for name, header in headers.items() if len(header.shape) in (3, 4)]
    if len(candidates) == 1:
        labels = next((known[name] for name in ("labels", "y", "targets", "label") if name in known), "")
        return [Part(candidates[0], labels, held_out=False)]
    arrays = ", ".join(list(headers)[:8]) or "none"
    raise UnusableSource(str(path), f"none of its arrays is known to hold images (it has {arrays})", EXPECTED)


def _labels(
    path: Path, headers: Mapping[str, ArrayHeader], parts: Sequence[Part]
) -> tuple[NDArray[np.generic] | None, list[str]]:
    """All labels (N,), or None if there are no usable ones, and notes for the user."""
    if any(not part.labels for part in parts):
        return None, ["It has no labels."]
    arrays = []
    for part in parts:
        header, count = headers[part.labels], headers[part.images].shape[0]
        where = _where(path, part.labels)
        if header.shape[:1] != (count,):
            raise UnusableSource(where, f"there are {count:,} images, but its shape is {_shape_words(header.shape)}")
        if math.prod(header.shape[1:]) != 1:
            return None, [
                f"Its labels have {math.prod(header.shape[1:])} values each, so they are not used as classes."
            ]
        if header.dtype.kind not in "iubU":
            raise UnusableSource(where, f"it holds {header.dtype}, but labels must be whole numbers or words")
        arrays.append(partial(read_array, path, part.labels))
    return np.concatenate([array().reshape(-1) for array in arrays]), []


def _where(path: Path, name: str) -> str:
    return f"The array {name[:60]!r} of {path}"


def _words(shapes: Mapping[str, tuple[int, ...]]) -> str:
    return ", ".join(f"{name} {_shape_words(shape)}" for name, shape in shapes.items())


def _shape_words(shape: Sequence[int]) -> str:
    return "×".join(map(str, shape)) or "empty"
