"""A data set that has been read once is kept as plain uint8 arrays, so that the next start reads it in milliseconds.

One uncompressed `.npz` a set: it arrives whole by a rename, and its checksums tell when its bytes have changed.
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
    """pixels: (N, C, H, W) uint8, training images first. labels: (N,) int64."""

    pixels: NDArray[np.uint8]
    labels: NDArray[np.int64]


def kept(facts: DatasetFacts, folder: Path, read: Callable[[], RawImages]) -> RawImages:
    """The set from `folder`, or else from `read`, and then in `folder` from now on."""
    file = folder / f"{facts.name}.npz"
    images = _load(file, facts)
    if images is None:
        images = read()
        # Keeping it only saves time: a read-only or full disk is no reason not to train.
        with suppress(OSError):
            save_arrays(file, images._asdict())
    return images


def load_arrays(file: Path) -> dict[str, NDArray[Any]] | None:
    """All arrays in a kept file, or None where it is missing or damaged."""
    try:
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as arrays:
            return {name: arrays[name] for name in arrays.files}
    except (OSError, ValueError, EOFError, KeyError, BadZipFile):
        return None


def save_arrays(file: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Written beside and renamed: another process sees all of it or nothing. Raises OSError."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=file.parent) as folder:
        beside = Path(folder) / file.name
        np.savez(beside, allow_pickle=False, **arrays)
        beside.replace(file)


def _load(file: Path, facts: DatasetFacts) -> RawImages | None:
    """What is kept, or None where it is missing, damaged, or of another shape than the set has now."""
    arrays = load_arrays(file)
    if arrays is None or not {"pixels", "labels"} <= set(arrays):
        return None
    images = RawImages(arrays["pixels"], arrays["labels"])
    whole = images.pixels.shape == facts.shape and images.labels.shape == facts.shape[:1]
    return images if whole and images.pixels.dtype == np.uint8 else None
