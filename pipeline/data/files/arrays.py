"""Images stored as arrays of numbers: accepted shapes and values, and their conversion to pictures."""

import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pipeline.data.files.class_findings import class_warnings
from pipeline.data.files.picture import opaque
from pipeline.data.files.source import BrokenFile, Entries, ImageSource, SourceImage
from pipeline.errors.data import UnusableSource

PictureShape = tuple[int, int, int]
"""(height, width, channels)."""

MODES = {1: "L", 3: "RGB", 4: "RGBA"}


class ArraySource(ImageSource):
    """Images of one size in arrays. load: returns all of them, (N, H, W, C) uint8; called once, when the first one is
    needed. It may raise UnusableSource."""

    def __init__(
        self,
        path: Path,
        kind: str,
        entries: Entries,
        shape: PictureShape,
        load: Callable[[], NDArray[np.uint8]],
        *,
        broken: Sequence[BrokenFile] = (),
        notes: Sequence[str] = (),
        warnings: Sequence[str] = (),
        watched: Sequence[Path] = (),
    ) -> None:
        warnings = [*warnings, *class_warnings(entries.class_names)]
        super().__init__(path, kind, entries, broken=broken, notes=notes, warnings=warnings, watched=watched)
        self.shape = shape
        self._load = load
        self._loaded: NDArray[np.uint8] | None = None
        self._lock = threading.Lock()

    def picture(self, index: int, side: int = 0) -> SourceImage:
        height, width, channels = self.shape
        pixels = self._all()[index]
        image = Image.fromarray(pixels[..., 0] if channels == 1 else pixels)
        return SourceImage(opaque(image) if channels == 4 else image, (height, width), MODES[channels])

    def grey(self) -> bool:
        return self.shape[2] == 1

    def pixels(self, side: int, grey: bool) -> NDArray[np.uint8] | None:
        if self.shape != (side, side, 1 if grey else 3):
            return None
        return np.ascontiguousarray(self._all().transpose(0, 3, 1, 2))

    def _all(self) -> NDArray[np.uint8]:
        with self._lock:
            if self._loaded is None:
                self._loaded = self._load()
        return self._loaded


def image_shape(shape: Sequence[int], where: str) -> PictureShape:
    """(H, W, C) of images in an array of shape (N, H, W), (N, H, W, C) or (N, C, H, W) with 1, 3 or 4 channels (1 or 3
    if they come first).

    where: names the array in messages. Raises UnusableSource.
    """
    match tuple(shape):
        case (_, height, width):
            found = (height, width, 1)
        case (_, height, width, (1 | 3 | 4) as channels):
            found = (height, width, channels)
        case (_, (1 | 3) as channels, height, width):
            found = (height, width, channels)
        case other:
            raise UnusableSource(
                where,
                f"its shape is {'×'.join(map(str, other)) or 'that of a single number'}",
                "Images have the shape N×height×width, N×height×width×channels or N×channels×height×width.",
            )
    if not all(found):
        raise UnusableSource(where, "its images have no pixels")
    return found


def with_channels_last(array: NDArray[np.generic], shape: PictureShape) -> NDArray[np.generic]:
    """An array of images of this (H, W, C) as (N, H, W, C)."""
    if array.ndim == 4 and array.shape[1:] != shape:
        return array.transpose(0, 2, 3, 1)
    return array.reshape(len(array), *shape)


def shades(array: NDArray[np.generic], where: str) -> NDArray[np.uint8]:
    """Convert numbers to 8-bit shades, 0 black and 255 white.

    Integers up to 255 are taken as they are, up to 65,535 as 16 bits; floats up to 1 as shares of white, up to 255 as
    shades; true is white. Raises UnusableSource for anything else.
    """
    if array.dtype == np.uint8:
        return array.astype(np.uint8, copy=False)
    if array.dtype == np.bool_:
        return array.astype(np.uint8) * np.uint8(255)
    if array.dtype.kind not in "iuf" or not array.size:
        raise UnusableSource(where, f"it holds {array.dtype}, which cannot be shades")
    lowest, highest = float(array.min()), float(array.max())
    whites = (1.0, 255.0) if array.dtype.kind == "f" else (255.0, 65_535.0)
    white = next((each for each in whites if highest <= each), None)
    # Comparisons with NaN are false.
    if white is None or not lowest >= 0:
        allowed = " or ".join(f"0 to {each:,.0f}" for each in whites)
        raise UnusableSource(where, f"its values range from {lowest:g} to {highest:g}", f"Shades must be {allowed}.")
    scaled: NDArray[np.float32] = np.multiply(array, 255 / white, dtype=np.float32)
    return np.rint(scaled).astype(np.uint8)


def classes_of(labels: NDArray[np.generic]) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Labels (N,) of any values as indices 0, 1, ... into the sorted distinct values, and the names of these."""
    values, places = np.unique(labels, return_inverse=True)
    return places.astype(np.int64).reshape(-1), tuple(str(value)[:100] for value in values.tolist())
