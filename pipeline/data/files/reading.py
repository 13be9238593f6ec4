"""Reads every image of a source, decoded and prepared: in threads, with progress and a list of the broken ones."""

from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import NamedTuple

import numpy as np
import psutil
from numpy.typing import NDArray

from pipeline.data.files.class_findings import unread_classes
from pipeline.data.files.contents import content_warnings
from pipeline.data.files.passes import go_through
from pipeline.data.files.read_images import ReadImages
from pipeline.data.files.rules import Rules
from pipeline.data.files.shades import (
    STRETCHED,
    Scales,
    as_image,
    count_image,
    needs_scale,
    scale_sentence,
    scales_of,
)
from pipeline.data.files.source import BrokenFile, ImageSource
from pipeline.data.files.value_counts import CountsByKind
from pipeline.data.fitting import Preparation, as_pixels, fit_to_square
from pipeline.data.pixel_statistics import duplicates
from pipeline.data.progress import ReadProgress, no_progress
from pipeline.errors.data import BrokenImage, UnusableSource
from pipeline.formatting import counted, size

DOING = "Reading images"
LOOKING = "Finding the darkest and brightest values"
SCALING = "Reading images of more than 8 bits"

SAMPLE = 4_096
"""Pictures whose values decide the scale of a preview, if the set has not been read."""


def read(source: ImageSource, preparation: Preparation, progress: ReadProgress = no_progress) -> ReadImages:
    """All images of a source. Raises UnusableSource if none can be read, if it is not known which values are black and
    white, or if there is not enough memory, and anything `progress` raises to stop it."""
    grey = preparation.grey(source.grey())
    count, side = source.count, preparation.image_size
    _require_memory(source, count * (1 if grey else 3) * side * side)
    work = _Work(source, preparation, grey)
    work.run(progress)
    return work.result()


def find_scales(source: ImageSource, preparation: Preparation, progress: ReadProgress = no_progress) -> Scales:
    """The scales with which `read` would read a source: of very many pictures, only of a sample. Raises like
    `read`."""
    work = _Work(source, preparation, preparation.grey(source.grey()))
    work.find_scales(progress)
    return work.scales


def rules_for(source: ImageSource, preparation: Preparation) -> Rules:
    """The rules by which stored values become shades: version 0.3 had no choice of a range."""
    return source.rules if preparation.shades == "as stored" else "0.4"


class _Part(NamedTuple):
    """Result of one task: number of images in each mode, number of animated ones, and the reason for each broken one.

    counts: the values of images that have no scale yet; later: these images. largest: the largest shade of the others.
    """

    modes: Counter[str]
    animated: int
    broken: dict[int, str]
    counts: CountsByKind
    later: list[int]
    largest: int = 0


class _Work:
    """A read in progress. An image of more than 8 bits needs the scale of the whole source: the first pass reads all
    8-bit images and counts the values of the others, and a second pass reads those."""

    def __init__(self, source: ImageSource, preparation: Preparation, grey: bool) -> None:
        self.scales: Scales = {}
        count, side = source.count, preparation.image_size
        self._source = source
        self._preparation = preparation
        self._rules = rules_for(source, preparation)
        self._mode = "L" if grey else "RGB"
        # Nothing is allocated before it is written to.
        self._pixels = np.empty((count, 1 if grey else 3, side, side), np.uint8)
        self._sizes = np.zeros((count, 2), np.int32)
        self._modes = Counter[str]()
        self._counts = CountsByKind()
        self._broken: dict[int, str] = {}
        self._later: list[int] = []
        self._largest = 0
        self._animated = 0

    def run(self, progress: ReadProgress) -> None:
        everything = range(self._source.count)
        stretched = self._preparation.shades in STRETCHED
        known = None if self._rules == "0.3" else self._source.counts(every=stretched)
        if known is not None or stretched:
            self._choose_scales(known or self._count(everything, progress))
        if self._take_ready(progress):
            return
        self._read(everything, DOING, progress)
        if self._rules == "0.3" or known is not None or stretched:
            return
        read = self._source.count - len(self._broken) - len(self._later)
        if read and self._largest <= 1 and self._preparation.shades == "as stored":
            # Nearly black: masks of 0 and 1, unless resizing has averaged away what was brighter.
            dark = sorted(set(everything) - set(self._broken) - set(self._later))
            self._counts.merge(self._count(dark, progress))
            self._later += dark
        if self._later:
            self._choose_scales(self._counts)
            self._read(sorted(self._later), SCALING, progress, again=True)

    def find_scales(self, progress: ReadProgress) -> None:
        """Choose the scales before reading."""
        if self._rules == "0.3":
            return
        known = self._source.counts(every=self._preparation.shades in STRETCHED)
        # Evenly spaced, so that no single class or split decides.
        sample = np.unique(np.linspace(0, self._source.count - 1, SAMPLE).round().astype(int)).tolist()
        self._choose_scales(known or self._count(sample, progress))

    def _choose_scales(self, counts: CountsByKind) -> None:
        self.scales = scales_of(counts.result(), self._preparation.shades, str(self._source.path))

    def _take_ready(self, progress: ReadProgress) -> bool:
        """Take images that are stored as they are prepared; whether the source has such."""
        count, side = self._source.count, self._preparation.image_size
        ready = self._source.pixels(side, self._mode == "L", self.scales, self._rules)
        if ready is None:
            return False
        self._pixels, self._sizes[:], self._modes = ready, side, Counter({self._mode: count})
        progress(DOING, count, count)
        return True

    def _read(self, indices: Sequence[int], doing: str, progress: ReadProgress, *, again: bool = False) -> None:
        def take(part: _Part) -> None:
            self._broken |= part.broken
            if not again:
                self._modes += part.modes
                self._animated += part.animated
                self._counts.merge(part.counts)
                self._later += part.later
                self._largest = max(self._largest, part.largest)

        go_through(indices, self._read_part, take, doing, progress)

    def _count(self, indices: Sequence[int], progress: ReadProgress) -> CountsByKind:
        found = CountsByKind()
        go_through(indices, self._count_part, lambda part: found.merge(part.counts), LOOKING, progress)
        return found

    def _read_part(self, indices: Iterable[int]) -> _Part:
        """Decode and prepare these images; those that need a scale that is not known are counted."""
        part = _Part(Counter(), 0, {}, CountsByKind(), [])
        side, fit = self._preparation.image_size, self._preparation.fit
        for index in indices:
            try:
                picture = self._source.picture(index, side, self._rules)
            except BrokenImage as error:
                part.broken[index] = error.reason
            else:
                self._sizes[index] = picture.size
                part.modes[picture.mode] += 1
                part = part._replace(animated=part.animated + picture.animated)
                if needs_scale(picture.image, self.scales):
                    count_image(picture.image, part.counts)
                    part.later.append(index)
                else:
                    image = as_image(picture.image, self.scales)
                    image = image if image.mode == self._mode else image.convert(self._mode)
                    self._pixels[index] = as_pixels(fit_to_square(image, side, fit))
                    part = part._replace(largest=max(part.largest, int(self._pixels[index].max())))
        return part

    def _count_part(self, indices: Iterable[int]) -> _Part:
        """Count the values of these images."""
        part = _Part(Counter(), 0, {}, CountsByKind(), [])
        for index in indices:
            # Broken images are found, and listed, while reading.
            with suppress(BrokenImage):
                count_image(self._source.picture(index).image, part.counts)
        return part

    def result(self) -> ReadImages:
        source, entries = self._source, self._source.entries
        broken = [BrokenFile(entries.names[index], self._broken[index]) for index in sorted(self._broken)]
        if len(broken) == source.count:
            reason = f"none of its {counted(source.count, 'image')} can be read ({broken[0].file}: {broken[0].reason})"
            raise UnusableSource(str(source.path), reason)
        whole = np.ones(source.count, np.bool_)
        whole[list(self._broken)] = False
        # Indexing with a mask copies; avoid it if nothing is broken.
        chosen = whole if broken else slice(None)
        names = (
            [name for name, readable in zip(entries.names, whole, strict=True) if readable] if broken else entries.names
        )
        pixels, captions = self._pixels[chosen], self._captions(whole)
        of_scale = [warning for scale in self.scales.values() for warning in scale.warnings]
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
            warnings=(
                *source.warnings,
                *unread_classes(entries, whole),
                *source.range_warnings,
                *of_scale,
                *content_warnings(pixels, known_dark=bool(of_scale)),
            ),
            scale=scale_sentence(self.scales),
            scales={kind: (scale.black, scale.white) for kind, scale in self.scales.items()},
            captions=captions,
            duplicates=tuple(map(tuple, duplicates(pixels))),
        )

    def _captions(self, whole: NDArray[np.bool_]) -> list[str] | None:
        captions = self._source.entries.captions
        return None if captions is None else [captions[place] for place in np.flatnonzero(whole).tolist()]

    def _notes(self) -> list[str]:
        animated = [f"Only the first frame of {self._animated:,} animated images is used."] if self._animated else []
        return [*animated, *(note for scale in self.scales.values() for note in scale.notes)]


def _require_memory(source: ImageSource, needed: int) -> None:
    free = psutil.virtual_memory().available
    if needed > free:
        raise UnusableSource(
            str(source.path),
            f"its {source.count:,} images would take {size(needed)} of memory, but only {size(free)} is free",
            "Choose a smaller image size, or fewer images.",
        )
