"""A source that has been read: its images in memory, with what was found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from pipeline.data.files.source import BrokenFile
from pipeline.data.split import held_out_mask


@dataclass(frozen=True, eq=False)
class ReadImages:
    """A source that has been read: N images, without the broken ones."""

    pixels: NDArray[np.uint8]
    """(N, C, S, S) uint8."""
    labels: NDArray[np.int64]
    """(N,) int64."""
    sizes: NDArray[np.int32]
    """(N, 2) int32: original (height, width)."""
    held_out: NDArray[np.bool_] | None
    """(N,) bool: the source's own split, or None."""
    names: Sequence[str]
    class_names: tuple[str, ...] = ()
    modes: Mapping[str, int] = field(default_factory=dict)
    """Number of files in each of Pillow's modes."""
    broken: tuple[BrokenFile, ...] = ()
    notes: tuple[str, ...] = ()
    """Sentences about what was found."""
    warnings: tuple[str, ...] = ()
    """Sentences about what is probably not meant, shown wherever a run is started."""
    scale: str = ""
    """Which stored values became black and white, as a sentence; "" if the pictures were stored as 8-bit shades."""
    scales: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    """The values that became black and white, for each kind of stored values that is not taken as it is."""
    content: str = ""
    """The `content_hash` of the pixels, which the cache keeps; "" if it was not computed."""
    captions: Sequence[str] | None = None
    """N texts, "" for an image without a caption; None if no image has one."""
    duplicates: tuple[tuple[int, ...], ...] = ()
    """Groups of images that are pixel-identical, as indices; largest groups first."""

    @property
    def aside(self) -> NDArray[np.bool_]:
        """(N,) bool: the held-out images; none of them if there is no split."""
        return np.zeros(len(self.labels), np.bool_) if self.held_out is None else self.held_out

    def split(self, share: float) -> "ReadImages":
        """These images with a split: the source's own, or else `share` of each class held out. Warns of images that are
        on both sides of it. The result's `held_out` is never None."""
        aside = held_out_mask(self.labels, share) if self.held_out is None else self.held_out
        return replace(self, held_out=aside, warnings=(*self.warnings, *shared_warnings(self, aside)))


def shared_groups(images: ReadImages, held_out: NDArray[np.bool_]) -> list[tuple[int, ...]]:
    """The groups of duplicates that have images on both sides of a split. held_out: (N,)."""
    return [group for group in images.duplicates if 0 < held_out[list(group)].sum() < len(group)]


def shared_warnings(images: ReadImages, held_out: NDArray[np.bool_]) -> list[str]:
    """A sentence on held-out images that equal a training image, if there are any. held_out: (N,)."""
    groups = shared_groups(images, held_out)
    count = sum(int(held_out[list(group)].sum()) for group in groups)
    if not count:
        return []
    equal = (
        "1 held-out image equals a training image" if count == 1 else f"{count:,} held-out images equal training images"
    )
    first = sorted(groups[0], key=lambda place: bool(held_out[place]))
    example = f"{images.names[first[-1]]} equals {images.names[first[0]]}"
    return [f"{equal} ({example}): what is measured on held-out images looks better than it is."]
