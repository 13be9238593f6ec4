"""A set that is decoded while training: its images, split into training and held-out ones, and what is known of it."""

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.data.files.folder import FolderSource
from pipeline.data.files.opening import open_source
from pipeline.data.files.read_images import ReadImages
from pipeline.data.files.shades import Scale
from pipeline.data.files.source import ImageSource, left_out_by_reason
from pipeline.data.findings import Findings, of_labels
from pipeline.data.fitting import Preparation
from pipeline.data.large.choosing import Decoding, reason_to_decode_later
from pipeline.data.large.decoding import DecodedImages
from pipeline.data.large.indexed import IndexedSource
from pipeline.data.large.looking import look
from pipeline.data.large.names import StoredNames
from pipeline.data.large.opening import open_large
from pipeline.data.progress import ReadProgress
from pipeline.data.split import held_out_mask
from pipeline.errors.data import UnusableSource


@dataclass(frozen=True, eq=False)
class LaterImages:
    """A set that is decoded while training. aside: (N,) bool, the held-out images. sample: the images that were looked
    at. later: why the set is not read whole, as the end of a sentence."""

    source: IndexedSource
    preparation: Preparation
    aside: NDArray[np.bool_]
    sample: ReadImages
    later: str

    def side(self, held_out: bool) -> tuple[DecodedImages, NDArray[np.int64], StoredNames]:
        """The training images or the held-out images, their labels (n,) and their names."""
        index = self.source.index
        rows = np.flatnonzero(self.aside == held_out)
        scales = {kind: Scale(black, white) for kind, (black, white) in self.sample.scales.items()}
        images = DecodedImages(self.source, rows, self.preparation, scales, index.content_hash())
        return images, index.labels[rows], index.names.chosen(rows)

    @cached_property
    def findings(self) -> Findings:
        """What is known: numbers, classes and split of all images, everything else of the sample."""
        index, sample = self.source.index, self.sample
        channels, height, width = sample.pixels.shape[1:]
        names = index.class_names
        found = of_labels(
            np.asarray(index.labels), self.aside, names, len(names), (channels, height, width),
            {"files": index.content_hash()},
        )  # fmt: skip
        return replace(
            found,
            left_out=left_out_by_reason(self.source.broken),
            scale=sample.scale,
            notes=sample.notes,
            warnings=(*sample.warnings, *self._damage()),
            later=self.later,
        )

    def _damage(self) -> list[str]:
        damaged = self.sample.broken[len(self.source.broken) :]
        if not damaged:
            return []
        looked_at, are = len(self.sample.labels) + len(damaged), "is" if len(damaged) == 1 else "are"
        return [
            f"{len(damaged):,} of {looked_at:,} images in a sample {are} damaged, such as {damaged[0].file} "
            f"({damaged[0].reason}): in training each is replaced by the next that is not."
        ]


def open_for_later(
    path: Path, home: Path, preparation: Preparation, decoding: Decoding, progress: ReadProgress
) -> tuple[ImageSource, str]:
    """The source at a path, and why it is decoded while training, "" if it is read whole.

    Raises UnusableSource if it is to be decoded while training and cannot be, and what `progress` raises.
    """
    source = open_large(path, home, preparation.rules, progress)
    later = reason_to_decode_later(source, preparation, decoding)
    if later and isinstance(source, FolderSource):
        # Few images, but large ones.
        source = open_large(path, home, preparation.rules, progress, least=1)
    if isinstance(source, IndexedSource):
        # A folder that is read whole is listed again, and so are changes of single files noticed.
        whole = not later and source.index.layout == "files"
        return (open_source(path, preparation.rules) if whole else source), later
    if not later:
        return source, ""
    if decoding == "while training":
        source.close()
        reason = f"{source.kind} cannot be decoded while training"
        raise UnusableSource(str(path), reason, "Name a folder of images or of shards, or choose another decoding.")
    return source, ""


def look_at(
    source: IndexedSource, preparation: Preparation, held_out: float, later: str, progress: ReadProgress
) -> LaterImages:
    """The set of a source, split: by itself, or else with this share of each class held out. Raises like `read`."""
    index = source.index
    aside = held_out_mask(np.asarray(index.labels), held_out) if index.held_out is None else index.held_out
    return LaterImages(source, preparation, aside, look(source, preparation, progress), later)
