"""Images in IDX, the format of MNIST and its relatives, plain or gzipped.

A magic number (two zero bytes, the type, the number of axes), the length of each axis as a big-endian 32-bit number,
then the data (http://yann.lecun.com/exdb/mnist/). Labels and held-out images are in files next to the images, found by
name:

    train-images-idx3-ubyte.gz -> train-labels-idx1-ubyte.gz, and t10k-images-idx3-ubyte.gz as the held-out images
"""

import gzip
import math
import struct
import zlib
from pathlib import Path
from typing import IO, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from pipeline.data.files.arrays import ArraySource, StoredArray, classes_of, image_shape, with_channels_last
from pipeline.data.files.bounded import read_at_most
from pipeline.data.files.limits import MOST_ARRAY_BYTES
from pipeline.data.files.source import Entries
from pipeline.errors.data import UnusableSource

TYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
GZIP = b"\x1f\x8b"


class IdxHeader(NamedTuple):
    """The header of a file. bytes: size of the data."""

    shape: tuple[int, ...]
    dtype: np.dtype[np.generic]

    @property
    def bytes(self) -> int:
        return math.prod(self.shape) * self.dtype.itemsize


def open_idx(path: Path) -> ArraySource:
    """The images in an IDX file, with the labels and held-out images next to it. Raises UnusableSource."""
    files = [path, *([held_out] if (held_out := _beside(path, "train-images", "t10k-images")) else [])]
    headers = [read_header(file) for file in files]
    shapes = [image_shape(header.shape, str(file)) for header, file in zip(headers, files, strict=True)]
    if len(set(shapes)) > 1:
        raise UnusableSource(str(path), f"the images of {files[1].name} next to it have another size")
    counts = [header.shape[0] for header in headers]
    if not counts[0]:
        raise UnusableSource(str(path), "there are no images in it")
    label_files = [_beside(file, "images-idx3", "labels-idx1") for file in files]
    labels = [_labels(file, count) for file, count in zip(label_files, counts, strict=True) if file]
    labelled = len(labels) == len(files)
    places, class_names = classes_of(np.concatenate(labels)) if labelled else (np.zeros(sum(counts), np.int64), ())
    names = [
        f"{file.name.split('.')[0]}[{index}]"
        for file, count in zip(files, counts, strict=True)
        for index in range(count)
    ]
    is_held_out = np.repeat([False, True], counts) if len(files) > 1 else None

    def load() -> list[StoredArray]:
        return [StoredArray(with_channels_last(read_idx(file), shapes[0]), str(file), file.name) for file in files]

    notes = [] if labelled else ["There is no labels file next to it."]
    watched = [*files, *(file for file in label_files if file)]
    entries = Entries(names, places, class_names, is_held_out)
    return ArraySource(path, "an IDX file", entries, shapes[0], load, notes=notes, watched=watched)


def images_in(folder: Path) -> Path | None:
    """The file of training images if this is a folder of IDX files, otherwise None."""
    names = ("train-images-idx3-ubyte.gz", "train-images-idx3-ubyte", "train-images.idx3-ubyte")
    return next((folder / name for name in names if (folder / name).is_file()), None)


def is_idx(content: bytes) -> bool:
    """Whether a file that starts with these (decompressed) bytes is IDX."""
    return len(content) >= 4 and content[:2] == b"\0\0" and content[2] in TYPES and 1 <= content[3] <= 4


def read_header(path: Path) -> IdxHeader:
    """Read the header of a file. Raises UnusableSource."""
    try:
        with _opened(path) as stream:
            return _header(stream, path)
    except (OSError, EOFError, zlib.error) as error:
        raise UnusableSource(str(path), _reason(error)) from None


def read_idx(path: Path) -> NDArray[np.generic]:
    """The array in a file. Reads at most one byte more than its header promises. Raises UnusableSource."""
    try:
        with _opened(path) as stream:
            header = _header(stream, path)
            content = read_at_most(stream, header.bytes + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise UnusableSource(str(path), _reason(error)) from None
    if len(content) != header.bytes:
        shape = "×".join(map(str, header.shape))
        few = "more" if len(content) > header.bytes else f"{len(content):,}"
        raise UnusableSource(str(path), f"its header says {shape} ({header.bytes:,} bytes), but {few} follow")
    return np.frombuffer(content, header.dtype).reshape(header.shape)


def _labels(path: Path, count: int) -> NDArray[np.generic]:
    labels = read_idx(path)
    if labels.shape != (count,) or labels.dtype.kind not in "iu":
        shape = "×".join(map(str, labels.shape))
        raise UnusableSource(str(path), f"it has labels of shape {shape} for {count:,} images")
    return labels


def _opened(path: Path) -> IO[bytes]:
    with path.open("rb") as file:
        packed = file.read(2) == GZIP
    return cast(IO[bytes], gzip.open(path)) if packed else path.open("rb")


def _header(stream: IO[bytes], path: Path) -> IdxHeader:
    magic = stream.read(4)
    if not is_idx(magic):
        raise UnusableSource(str(path), "it is not an IDX file")
    lengths = stream.read(4 * magic[3])
    if len(lengths) < 4 * magic[3]:
        raise UnusableSource(str(path), "it ends in the middle of its header")
    header = IdxHeader(struct.unpack(f">{magic[3]}I", lengths), np.dtype(TYPES[magic[2]]))
    if header.bytes > MOST_ARRAY_BYTES:
        raise UnusableSource(
            str(path), f"its header says {header.bytes:,} bytes, more than the {MOST_ARRAY_BYTES:,} allowed"
        )
    return header


def _beside(path: Path, part: str, other: str) -> Path | None:
    """The file in the same folder whose name differs only in this part, gzipped or not; None if there is none."""
    # Both `-idx3-ubyte` and `.idx3-ubyte` are common.
    for old, new in ((part, other), (part.replace("-idx", ".idx"), other.replace("-idx", ".idx"))):
        if old in path.name:
            name = path.name.replace(old, new).removesuffix(".gz")
            return next((path.with_name(each) for each in (name + ".gz", name) if path.with_name(each).is_file()), None)
    return None


def _reason(error: Exception) -> str:
    reason = error.strerror.lower() if isinstance(error, OSError) and error.strerror else f"it is damaged ({error})"
    return reason.rstrip(".")
