"""Decodes an evenly spread sample of a large set: what can be said about it without decoding it whole.

Sizes, modes, shades, scales and warnings on what images show come from the sample. Not looked for are duplicates, which
would take the pixels of all images, and damage in the others, which training meets and counts.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from pipeline.data.files.read_images import ReadImages
from pipeline.data.files.reading import read
from pipeline.data.files.rules import Rules
from pipeline.data.files.source import Entries, ImageSource, SourceImage
from pipeline.data.fitting import Preparation
from pipeline.data.progress import ReadProgress

SAMPLE = 1_024
"""Images that are decoded: of a share of 1% of all, about ten are among them."""


def look(source: ImageSource, preparation: Preparation, progress: ReadProgress) -> ReadImages:
    """The sample, as if it was the whole source; what is broken in it comes after what the source left out.

    Raises like `read`, and what `progress` raises.
    """
    found = read(_Sample(source), preparation, progress)
    count = len(found.labels)
    said = [f"In a sample of {count:,} images: {each}" for each in found.warnings if each not in source.warnings]
    notes = [f"In a sample of {count:,} images: {each}" for each in found.notes if each not in source.notes]
    own = set(source.broken)
    damaged = [each for each in found.broken if each not in own]
    return replace(
        found,
        notes=(*source.notes, *notes),
        warnings=(*source.warnings, *said),
        broken=(*source.broken, *damaged),
        duplicates=(),
    )


def sampled(count: int) -> NDArray[np.int64]:
    """The places of at most SAMPLE of `count` images, evenly spread, in order."""
    return np.unique(np.linspace(0, count - 1, SAMPLE).round().astype(np.int64))


class _Sample(ImageSource):
    """Some images of a source. Whether most are grey is what the source says."""

    def __init__(self, source: ImageSource) -> None:
        self._source = source
        self._rows: Sequence[int] = sampled(source.count).tolist()
        entries = source.entries
        names = [entries.names[row] for row in self._rows]
        chosen = Entries(names, np.zeros(len(names), np.int64))
        super().__init__(
            source.path, source.kind, chosen, broken=source.broken, notes=source.notes, warnings=source.warnings
        )
        self.rules = source.rules

    def picture(self, index: int, side: int = 0, rules: Rules = "0.4") -> SourceImage:
        return self._source.picture(self._rows[index], side, rules)

    def grey(self) -> bool:
        return self._source.grey()
