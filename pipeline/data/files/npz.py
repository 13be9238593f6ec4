"""Images in an `.npz`: MedMNIST's files, Keras's `mnist.npz`, or plain arrays of images and labels.

Nothing pickled is ever read: an array of Python objects is refused. Shapes and types are read from the arrays' headers
and compared with the actual number of bytes before any memory is allocated.
"""

import zipfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import IO

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from pipeline.data.files import npz_0_3
from pipeline.data.files.arrays import (
    ArraySource,
    StoredArray,
    classes_of,
    image_shape,
    type_warnings,
    with_channels_last,
)
from pipeline.data.files.bounded import read_at_most
from pipeline.data.files.class_findings import WITHOUT_TRAINING, only_held_out, without_classes
from pipeline.data.files.limits import MOST_ARRAY_BYTES, MOST_RATIO, MOST_ZIP_ENTRIES
from pipeline.data.files.npz_parts import ArrayHeader, ArrayLabels, find_labels, find_parts, shape_words, where
from pipeline.data.files.rules import Rules
from pipeline.data.files.source import BrokenFile, Entries
from pipeline.data.files.zipped import UNREADABLE, open_zip
from pipeline.errors.data import UnusableSource

LONGEST_HEADER = 10_000


def open_npz(path: Path, rules: Rules = "0.4") -> ArraySource:
    """Open an `.npz` as a source. rules: of the version that reads it. Raises UnusableSource."""
    headers = read_headers(path)
    found = _labelled(path, headers, rules)
    parts = found.parts
    shapes = {part.images: image_shape(headers[part.images].shape, where(path, part.images)) for part in parts}
    if len(set(shapes.values())) > 1:
        raise UnusableSource(str(path), f"its images differ in shape ({_words(shapes)})")
    counts = [headers[part.images].shape[0] for part in parts]
    if not sum(counts):
        raise UnusableSource(str(path), "there are no images in it")
    split = len({part.held_out for part in parts}) > 1
    held_out = np.repeat([part.held_out for part in parts], counts) if split else None
    names = [f"{part.images}[{index}]" for part, count in zip(parts, counts, strict=True) for index in range(count)]
    places = np.zeros(sum(counts), np.int64) if found.labels is None else found.labels
    entries, keep = Entries(names, places, found.class_names, held_out), np.ones(sum(counts), np.bool_)
    broken, warnings = list[BrokenFile](), found.warnings
    if rules != "0.3" and (unwanted := only_held_out(places, len(found.class_names), held_out)):
        entries, keep, warning = without_classes(entries, unwanted)
        broken = [BrokenFile(names[place], WITHOUT_TRAINING) for place in np.flatnonzero(~keep).tolist()]
        warnings = [*warnings, warning]
    shape = next(iter(shapes.values()))

    def load() -> list[StoredArray]:
        used = np.split(keep, np.cumsum(counts)[:-1])
        arrays = [with_channels_last(read_array(path, part.images), shape) for part in parts]
        return [
            # Indexing with a mask copies; avoid it if all images are used.
            StoredArray(values if chosen.all() else values[chosen], where(path, part.images), part.images)
            for part, values, chosen in zip(parts, arrays, used, strict=True)
        ]

    warnings = [*warnings, *type_warnings({part.images: headers[part.images].dtype for part in parts})]
    return ArraySource(
        path, "an .npz file", entries, shape, load, broken=broken, notes=found.notes, warnings=warnings,
    )  # fmt: skip


def _labelled(path: Path, headers: Mapping[str, ArrayHeader], rules: Rules) -> ArrayLabels:
    read = partial(read_array, path)
    if rules == "0.3":
        parts = npz_0_3.find_parts(path, headers)
        labels, notes = npz_0_3.find_labels(path, headers, parts, read)
        places, class_names = classes_of(labels) if labels is not None else (None, ())
        return ArrayLabels(parts, places, class_names, notes, [])
    return find_labels(path, headers, find_parts(path, headers), read)


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
            raise UnusableSource(where(path, name), f"it is damaged ({error or type(error).__name__})") from None
    if len(content) != found.bytes:
        raise UnusableSource(where(path, name), "it ends too early")
    array = np.frombuffer(content, found.dtype)
    return array.reshape(found.shape, order="F" if found.fortran else "C")


def _header(path: Path, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> ArrayHeader:
    named = where(path, member.filename.removesuffix(".npy"))
    try:
        with archive.open(member) as stream:
            shape, fortran, dtype = _read_header(stream)
    except Exception as error:  # noqa: BLE001 - numpy parses a header as Python, which can raise almost anything
        reason = " ".join(str(error).split())[:100] or type(error).__name__
        raise UnusableSource(named, f"its header cannot be read ({reason})") from None
    if dtype.hasobject:
        raise UnusableSource(named, "it holds pickled Python objects, which can run code when they are read")
    found = ArrayHeader(shape, fortran, dtype)
    if min(shape, default=1) < 0 or found.bytes > MOST_ARRAY_BYTES:
        raise UnusableSource(named, f"it has {found.bytes:,} bytes, more than the {MOST_ARRAY_BYTES:,} allowed")
    if found.bytes > member.file_size:
        raise UnusableSource(named, f"its header promises {found.bytes:,} bytes, but there are {member.file_size:,}")
    if member.file_size > 100_000_000 and member.file_size > MOST_RATIO * member.compress_size:
        raise UnusableSource(
            named, f"it unpacks to more than {MOST_RATIO:,} times its size, like a zip bomb and unlike images"
        )
    return found


def _read_header(stream: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype[np.generic]]:
    readers = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}
    version = npy.read_magic(stream)
    if version not in readers:
        raise ValueError(f"version {version[0]}.{version[1]} of the format")
    return readers[version](stream, max_header_size=LONGEST_HEADER)


def _words(shapes: Mapping[str, tuple[int, ...]]) -> str:
    return ", ".join(f"{name} {shape_words(shape)}" for name, shape in shapes.items())
