"""Images stored as arrays of numbers: accepted shapes and types, and their conversion to pictures."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pipeline.data.files.class_findings import class_warnings
from pipeline.data.files.picture import NOT_FINITE, opaque
from pipeline.data.files.rules import Rules
from pipeline.data.files.shades import EIGHT, Scales, kind_of
from pipeline.data.files.shades_0_3 import array_shades
from pipeline.data.files.source import BrokenFile, Entries, ImageSource, SourceImage
from pipeline.data.files.value_counts import AT_ONCE, CountsByKind, ValueCounts
from pipeline.errors.data import BrokenImage, UnusableSource

PictureShape = tuple[int, int, int]
"""(height, width, channels)."""

UNEVEN = 8
"""A warning is due if the largest value of one array is so many times that of another."""

MODES = {1: "L", 3: "RGB", 4: "RGBA"}


class StoredArray(NamedTuple):
    """Some images of a source. values: (N, H, W, C) of any type of number. where: names the array in messages; name:
    the same in short."""

    values: NDArray[np.generic]
    where: str
    name: str


class ArraySource(ImageSource):
    """Images of one size in arrays. load: returns all of them, in order; called once, when the first one is needed. It
    may raise UnusableSource."""

    def __init__(
        self,
        path: Path,
        kind: str,
        entries: Entries,
        shape: PictureShape,
        load: Callable[[], Sequence[StoredArray]],
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
        self._loaded: dict[Rules, list[StoredArray]] = {}
        self._lock = threading.Lock()

    def picture(self, index: int, side: int = 0, rules: Rules = "0.4") -> SourceImage:
        height, width, channels = self.shape
        pixels = self._values(index, rules)
        if pixels.dtype != np.uint8:
            if not np.isfinite(pixels).all():
                raise BrokenImage(NOT_FINITE)
            return SourceImage(pixels, (height, width), MODES[channels])
        image = Image.fromarray(pixels[..., 0] if channels == 1 else pixels)
        return SourceImage(opaque(image) if channels == 4 else image, (height, width), MODES[channels])

    def grey(self) -> bool:
        return self.shape[2] == 1

    def counts(self, every: bool = False) -> CountsByKind:
        found = CountsByKind()
        stored = [each for each in self._all("0.4") if each.values.size]
        eight = [each for each in stored if each.values.dtype == np.uint8]
        largest: dict[str, dict[str, float]] = {EIGHT: {each.name: int(each.values[..., :3].max()) for each in eight}}
        if every or all(most <= 1 for most in largest[EIGHT].values()):
            for piece in (piece for each in eight for piece in _pieces(each.values[..., :3])):
                found.add_histogram(EIGHT, np.bincount(piece.reshape(-1)))
        for array in stored:
            if array.values.dtype != np.uint8:
                for kind, counts in _counted(array.values[..., :3], found).items():
                    largest.setdefault(kind, {})[array.name] = counts.largest
        self.range_warnings = tuple(warning for each in largest.values() for warning in _uneven(each))
        return found

    def pixels(self, side: int, grey: bool, scales: Scales, rules: Rules = "0.4") -> NDArray[np.uint8] | None:
        if self.shape != (side, side, 1 if grey else 3):
            return None
        found = np.empty((self.count, self.shape[2], side, side), np.uint8)
        at = 0
        for values, *_ in self._all(rules):
            for piece in _pieces(values):
                if piece.dtype.kind == "f" and not np.isfinite(piece).all():
                    return None
                scale = scales.get(kind_of(piece.dtype))
                shades = piece if scale is None else scale.shades(piece)
                found[at : at + len(piece)] = shades.transpose(0, 3, 1, 2)
                at += len(piece)
        return found

    def _values(self, index: int, rules: Rules) -> NDArray[np.generic]:
        for values, *_ in self._all(rules):
            if index < len(values):
                found: NDArray[np.generic] = values[index]
                return found
            index -= len(values)
        raise IndexError(index)

    def _all(self, rules: Rules) -> list[StoredArray]:
        with self._lock:
            if rules not in self._loaded:
                arrays = self._load()
                if rules == "0.3":
                    arrays = [each._replace(values=array_shades(each.values, each.where)) for each in arrays]
                self._loaded[rules] = [each._replace(values=_numbers(each)) for each in arrays]
        return self._loaded[rules]


def _pieces(values: NDArray[np.generic]) -> Iterator[NDArray[np.generic]]:
    """An array of images, some at a time."""
    at_once = max(1, AT_ONCE // max(1, values[0].size)) if len(values) else 1
    for start in range(0, len(values), at_once):
        yield values[start : start + at_once]


def _counted(values: NDArray[np.generic], among: CountsByKind) -> dict[str, ValueCounts]:
    """The counts of one array, also added to those of all."""
    found = CountsByKind()
    for piece in _pieces(values):
        # Broken images have no say in the scale.
        whole = piece[np.isfinite(piece).all(axis=(1, 2, 3))] if piece.dtype.kind == "f" else piece
        found.add(kind_of(piece.dtype), whole)
    among.merge(found)
    return found.result()


def _uneven(largest: Mapping[str, float]) -> list[str]:
    """The warning on arrays whose largest values, by name, differ so much that one scale may not suit all."""
    brightest, darkest = max(largest.values(), default=0), min(largest.values(), default=0)
    if brightest <= 0 or brightest <= UNEVEN * darkest:
        return []
    listed = ", ".join(f"{name} {value:,.6g}" for name, value in largest.items())
    return [f"The arrays of images share one scale, but their largest values differ widely ({listed})."]


def _numbers(array: StoredArray) -> NDArray[np.generic]:
    """The values in a type that Pillow or a scale takes; true becomes 255. Raises UnusableSource."""
    values = array.values
    if values.dtype == np.bool_:
        return values.astype(np.uint8) * np.uint8(255)
    if values.dtype.kind not in "iuf":
        raise UnusableSource(array.where, f"it holds {values.dtype}, which cannot be shades")
    return values.astype(np.float64) if values.dtype.kind == "f" and values.dtype.itemsize > 8 else values


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


def type_warnings(types: Mapping[str, np.dtype[np.generic]]) -> list[str]:
    """The warning on arrays of images whose numbers cannot share a scale. types: the type of each array, by name."""
    if len(set(map(kind_of, types.values()))) < 2:
        return []
    listed = ", ".join(f"{name} {dtype}" for name, dtype in types.items())
    return [f"The arrays of images are of different types ({listed}), so each type has a scale of its own."]


def classes_of(labels: NDArray[np.generic]) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Labels (N,) of any values as indices 0, 1, ... into the sorted distinct values, and the names of these."""
    values, places = np.unique(labels, return_inverse=True)
    return places.astype(np.int64).reshape(-1), tuple(str(value)[:100] for value in values.tolist())
