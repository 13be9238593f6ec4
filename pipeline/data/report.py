"""Describes a data set before training: for the Data page and `python -m pipeline data`.

    report = report_on("photos.zip", home, Preparation(image_size=64), progress=progress)
    report.as_dict()                # for JSON
    thumbnails("photos.zip", home)  # thumbnails.py: some images, original and prepared

A source is a named set (`mnist-5k`) or a path. Images read for the report are cached, so training does not read them
again. Of a set that is decoded while training, only a sample is read.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.data.files.opening import find
from pipeline.data.files.read_images import ReadImages, shared_groups
from pipeline.data.files.reading import read
from pipeline.data.files.rules import Rules
from pipeline.data.files.source import BrokenFile, ImageSource
from pipeline.data.findings import Findings, of_arrays
from pipeline.data.findings_cache import keep_findings, read_with_findings
from pipeline.data.fitting import Preparation
from pipeline.data.large.choosing import AUTOMATIC
from pipeline.data.large.indexed import IndexedSource
from pipeline.data.large.later import LaterImages, look_at, open_for_later
from pipeline.data.large.opening import open_large
from pipeline.data.named import open_named
from pipeline.data.pixel_statistics import mean_and_std, shade_counts
from pipeline.data.progress import ReadProgress, no_progress
from pipeline.data.sets import FACTS

NO_LABEL = "no label"
"""Class name for images without labels."""


@dataclass(frozen=True)
class DataReport:
    """The complete report on a set. Pixel statistics are those of the prepared images, one row per channel."""

    source: str
    kind: str
    """Kind of source, e.g. "a zip of images"."""
    count: int
    """Readable images, training and held out."""
    train: int
    held_out: int
    labelled: bool
    classes: Mapping[str, int]
    """Images of each class, by name; all under NO_LABEL if there are no classes."""
    sizes: Mapping[tuple[int, int], int]
    """Images of each original (height, width)."""
    modes: Mapping[str, int]
    """Images in each of Pillow's modes."""
    preparation: Preparation
    shape: tuple[int, int, int]
    """(C, H, W) after preparation."""
    histogram: tuple[tuple[int, ...], ...]
    """How often each of the 256 shades occurs."""
    mean: tuple[float, ...]
    """With black as 0 and white as 1, as for `std`."""
    std: tuple[float, ...]
    duplicates: tuple[tuple[str, ...], ...]
    """Groups of names of images that are pixel-identical after preparation; () if only a sample was looked at."""
    shared: tuple[tuple[str, ...], ...]
    """Those groups that have images on both sides of the split."""
    captions: int
    """Number of images that have a caption."""
    broken: tuple[BrokenFile, ...]
    """Files left out, each with the reason."""
    notes: tuple[str, ...]
    """Sentences for the user."""
    warnings: tuple[str, ...]
    """Sentences about what is probably not meant, shown wherever a run is started."""
    scale: str
    """Which stored values became black and white; "" if the images were stored as 8-bit shades."""
    line: str
    """What was read, how it is split, what was left out and why: the line that a run of this set shows."""
    sampled: int = 0
    """Images that were looked at of a set that is decoded while training, in which duplicates are not looked for; 0 if
    all were read."""

    def as_dict(self) -> dict[str, Any]:
        """The report for JSON: a size is the text `HEIGHTxWIDTH`, a broken file an object."""
        facts = {name: value for name, value in vars(self).items() if name not in ("sizes", "broken", "preparation")}
        return facts | {
            "sizes": {f"{height}x{width}": count for (height, width), count in self.sizes.items()},
            "broken": [each._asdict() for each in self.broken],
            "preparation": asdict(self.preparation),
        }


def report_on(
    source: str,
    home: Path,
    preparation: Preparation | None = None,
    held_out: float = 0.1,
    progress: ReadProgress = no_progress,
) -> DataReport:
    """The report on a named set or a path. preparation: None for the set's own size, or the default preparation of
    files.

    Raises UnusableSource, DataUnavailable, and anything `progress` raises to stop it.
    """
    prepared = preparation_of(source, preparation)
    if source in FACTS:
        with open_named(source, home, progress) as named:
            images = read(named, prepared, progress).split(held_out)
            # As training describes a named set: as it is stored, in the split that comes with it.
            findings = of_arrays(images.pixels, images.labels, images.aside, images.class_names)
            return _report(source, named.kind, images, findings, prepared)
    opened, later = open_for_later(find(source, home), home, prepared, AUTOMATIC, progress)
    with opened:
        if later and isinstance(opened, IndexedSource):
            return _report_on_sample(source, look_at(opened, prepared, held_out, later, progress), home, held_out)
        images, findings = read_with_findings(opened, source, home, prepared, held_out, progress)
        return _report(source, opened.kind, images, findings, prepared)


def _report_on_sample(source: str, found: LaterImages, home: Path, held_out: float) -> DataReport:
    """The report on a set that is decoded while training: sizes, modes and shades are those of the sample."""
    findings, images, index = found.findings, found.sample, found.source.index
    keep_findings(findings, source, home, found.preparation, held_out)
    counts = findings.class_counts
    about = _report(source, index.kind, images, findings, found.preparation)
    return replace(
        about,
        count=findings.count,
        labelled=bool(index.class_names),
        classes=dict(zip(index.class_names, counts, strict=True)) if counts else {NO_LABEL: findings.count},
        # Damaged images of the sample are a warning: training replaces them.
        broken=found.source.broken,
        notes=(*about.notes, f"Sizes, modes and shades are those of a sample of {len(images.labels):,} images."),
        sampled=len(images.labels),
    )


def open_any(source: str, home: Path, progress: ReadProgress = no_progress, rules: Rules = "0.4") -> ImageSource:
    """Open a named set or a path as an image source. rules: of reading files. Raises UnusableSource,
    DataUnavailable."""
    if source in FACTS:
        return open_named(source, home, progress)
    return open_large(find(source, home), home, rules, progress)


def preparation_of(source: str, preparation: Preparation | None) -> Preparation:
    """The effective preparation: size 0 becomes a named set's own size."""
    if source not in FACTS:
        return preparation or Preparation()
    chosen = preparation or Preparation(image_size=0)
    return replace(chosen, image_size=chosen.image_size or FACTS[source].size)


def _report(source: str, kind: str, images: ReadImages, findings: Findings, preparation: Preparation) -> DataReport:
    counts = shade_counts(images.pixels)
    mean, std = mean_and_std(counts)
    groups = images.duplicates
    shared = shared_groups(images, images.aside)
    sizes = Counter((height, width) for height, width in images.sizes.tolist())
    classes = _class_counts(images)
    return DataReport(
        source=source,
        kind=kind,
        count=len(images.labels),
        train=findings.train,
        held_out=findings.held_out,
        labelled=bool(images.class_names),
        classes=classes,
        sizes=dict(sizes.most_common()),
        modes=images.modes,
        preparation=preparation,
        shape=(images.pixels.shape[1], images.pixels.shape[2], images.pixels.shape[3]),
        histogram=tuple(tuple(row) for row in counts.tolist()),
        mean=tuple(mean.tolist()),
        std=tuple(std.tolist()),
        duplicates=_named(groups, images.names),
        shared=_named(shared, images.names),
        captions=sum(map(bool, images.captions or ())),
        broken=images.broken,
        notes=(*images.notes, *_notes(images, classes, preparation.image_size)),
        warnings=findings.warnings,
        scale=findings.scale,
        line=findings.line,
    )


def _class_counts(images: ReadImages) -> dict[str, int]:
    if not images.class_names:
        return {NO_LABEL: len(images.labels)}
    counts = np.bincount(images.labels, minlength=len(images.class_names)).tolist()
    return dict(zip(images.class_names, counts, strict=True))


def _notes(images: ReadImages, classes: Mapping[str, int], side: int) -> list[str]:
    notes = []
    single = [name for name, count in classes.items() if count == 1]
    if single and images.class_names:
        named = ", ".join(single[:5]) + (" and others" if len(single) > 5 else "")
        notes.append(f"There is only one image of {named}: it is used for training, and none is held out.")
    small = int((images.sizes.min(axis=1) < side).sum())
    if small:
        notes.append(
            f"{small:,} images have a side shorter than {side} pixels and were enlarged."
            if small > 1
            else f"1 image has a side shorter than {side} pixels and was enlarged."
        )
    return notes


def _named(groups: Sequence[Sequence[int]], names: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(names[place] for place in group) for group in groups)
