"""Caches data sets as plain uint8 arrays after the first read, so that the next start loads them in milliseconds.

One uncompressed `.npz` per set: a rename puts it in place whole, and its checksums reveal corruption.
"""

import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from pipeline.data.sets import DatasetFacts


class RawImages(NamedTuple):
    """A data set as read. pixels: (N, C, H, W) uint8, training images first. labels: (N,) int64."""

    pixels: NDArray[np.uint8]
    labels: NDArray[np.int64]


def load_or_read(facts: DatasetFacts, folder: Path, read: Callable[[], RawImages]) -> RawImages:
    """The set, loaded from `folder` if it is cached there; otherwise from `read`, and then saved in `folder`."""
    file = folder / f"{facts.name}.npz"
    images = _load(file, facts)
    if images is None:
        images = read()
        # The cache only saves time: a read-only or full disk must not prevent training.
        with suppress(OSError):
            save_arrays(file, images._asdict())
    return images


def load_arrays(file: Path) -> dict[str, NDArray[Any]] | None:
    """All arrays of a cache file, or None if it is missing or damaged."""
    try:
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as arrays:
            return {name: arrays[name] for name in arrays.files}
    except (OSError, ValueError, EOFError, KeyError, BadZipFile):
        return None


def save_arrays(file: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write to a temporary file and rename it: another process sees the whole file or none. Raises OSError."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=file.parent) as folder:
        beside = Path(folder) / file.name
        np.savez(beside, allow_pickle=False, **arrays)
        beside.replace(file)


def _load(file: Path, facts: DatasetFacts) -> RawImages | None:
    """The cached images, or None if the file is missing, damaged, or does not have the set's current shape."""
    arrays = load_arrays(file)
    if arrays is None or not {"pixels", "labels"} <= set(arrays):
        return None
    images = RawImages(arrays["pixels"], arrays["labels"])
    whole = images.pixels.shape == facts.shape and images.labels.shape == facts.shape[:1]
    return images if whole and images.pixels.dtype == np.uint8 else None
