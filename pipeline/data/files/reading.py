"""Reads every image of a source, decoded and prepared: in threads, with progress and a list of the broken ones."""

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
import psutil
from numpy.typing import NDArray

from pipeline.data.files.source import BrokenFile, ImageSource
from pipeline.data.fitting import Preparation, as_pixels, fit_to_square
from pipeline.data.pixel_statistics import duplicates
from pipeline.data.progress import ReadProgress, no_progress
from pipeline.data.split import held_out_mask
from pipeline.errors.data import BrokenImage, UnusableSource
from pipeline.formatting import size

AT_ONCE = 128
"""Images per task of a thread."""

LOOK_SECONDS = 0.2
"""Longest time between two progress reports while no task finishes."""

MOST_THREADS = 8
DOING = "Reading images"


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


def read(source: ImageSource, preparation: Preparation, progress: ReadProgress = no_progress) -> ReadImages:
    """All images of a source. Raises UnusableSource if none can be read or there is not enough memory, and anything
    `progress` raises to stop it."""
    grey = preparation.grey(source.grey())
    count, side = source.count, preparation.image_size
    _require_memory(source, count * (1 if grey else 3) * side * side)
    ready = source.pixels(side, grey)
    if ready is not None:
        mode = "L" if grey else "RGB"
        work = _Work(source, preparation, grey, ready, np.full((count, 2), side, np.int32), Counter({mode: count}))
        progress(DOING, count, count)
    else:
        work = _Work(
            source, preparation, grey, np.empty((count, 1 if grey else 3, side, side), np.uint8),
            np.zeros((count, 2), np.int32),
        )  # fmt: skip
        work.run(progress)
    return work.result()


class _Part(NamedTuple):
    """Result of one task: number of images in each mode, number of animated ones, and the reason for each broken
    one."""

    modes: Counter[str]
    animated: int
    broken: dict[int, str]


class _Work:
    """A read in progress."""

    def __init__(
        self,
        source: ImageSource,
        preparation: Preparation,
        grey: bool,
        pixels: NDArray[np.uint8],
        sizes: NDArray[np.int32],
        modes: Counter[str] | None = None,
    ) -> None:
        self._source = source
        self._preparation = preparation
        self._mode = "L" if grey else "RGB"
        self._pixels = pixels
        self._sizes = sizes
        self._modes = modes or Counter[str]()
        self._broken: dict[int, str] = {}
        self._animated = 0
        self._seen = np.zeros(source.count, np.bool_)
        self._ending = False

    def run(self, progress: ReadProgress) -> None:
        count = self._source.count
        progress(DOING, 0, count)
        with ThreadPoolExecutor(min(MOST_THREADS, os.cpu_count() or 1), "genscope-images") as pool:
            waiting = {
                pool.submit(self._part, start, min(start + AT_ONCE, count)) for start in range(0, count, AT_ONCE)
            }
            try:
                while waiting:
                    done, waiting = wait(waiting, LOOK_SECONDS, FIRST_COMPLETED)
                    for part in done:
                        self._take(part.result())
                    progress(DOING, int(self._seen.sum()), count)
            except BaseException:
                self._ending = True
                pool.shutdown(wait=True, cancel_futures=True)
                raise

    def _part(self, start: int, end: int) -> "_Part":
        """Read images start to end (exclusive)."""
        part = _Part(Counter(), 0, {})
        side, fit = self._preparation.image_size, self._preparation.fit
        for index in range(start, end):
            if self._ending:
                break
            try:
                picture = self._source.picture(index, side)
            except BrokenImage as error:
                part.broken[index] = error.reason
            else:
                image = picture.image if picture.image.mode == self._mode else picture.image.convert(self._mode)
                self._pixels[index] = as_pixels(fit_to_square(image, side, fit))
                self._sizes[index] = picture.size
                part.modes[picture.mode] += 1
                part = part._replace(animated=part.animated + picture.animated)
            self._seen[index] = True
        return part

    def _take(self, part: "_Part") -> None:
        self._modes += part.modes
        self._animated += part.animated
        self._broken |= part.broken

    def result(self) -> ReadImages:
        source, entries = self._source, self._source.entries
        broken = [BrokenFile(entries.names[index], self._broken[index]) for index in sorted(self._broken)]
        if len(broken) == source.count:
            reason = f"none of its {source.count:,} images can be read ({broken[0].file}: {broken[0].reason})"
            raise UnusableSource(str(source.path), reason)
        whole = np.ones(source.count, np.bool_)
        whole[list(self._broken)] = False
        # Indexing with a mask copies; avoid it if nothing is broken.
        chosen = whole if broken else slice(None)
        names = (
            [name for name, readable in zip(entries.names, whole, strict=True) if readable] if broken else entries.names
        )
        pixels, captions = self._pixels[chosen], self._captions(whole)
        return ReadImages(
            pixels=pixels,
            labels=entries.labels[chosen],
            sizes=self._sizes[chosen],
            held_out=None if entries.held_out is None else entries.held_out[chosen],
            names=names,
            class_names=entries.class_names,
            modes=dict(self._modes.most_common()),
            broken=tuple(sorted((*source.broken, *broken))),
            notes=(*source.notes, *self._notes()),
            warnings=source.warnings,
            captions=captions,
            duplicates=tuple(map(tuple, duplicates(pixels))),
        )

    def _captions(self, whole: NDArray[np.bool_]) -> list[str] | None:
        captions = self._source.entries.captions
        return None if captions is None else [captions[place] for place in np.flatnonzero(whole).tolist()]

    def _notes(self) -> list[str]:
        if not self._animated:
            return []
        return [f"Only the first frame of {self._animated:,} animated images is used."]


def _require_memory(source: ImageSource, needed: int) -> None:
    free = psutil.virtual_memory().available
    if needed > free:
        raise UnusableSource(
            str(source.path),
            f"its {source.count:,} images would take {size(needed)} of memory, but only {size(free)} is free",
            "Choose a smaller image size, or fewer images.",
        )
