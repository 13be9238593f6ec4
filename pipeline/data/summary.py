"""A report as a page shows it: all numbers, but only the beginning of long lists.

A folder may hold a million files, each of them possibly broken or a duplicate; full lists are for the command line's
--json.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple, Self

from pipeline.data.files.source import BrokenFile
from pipeline.data.report import DataReport

MOST_CLASSES = 500
MOST_SIZES = 50
MOST_GROUPS = 200
MOST_NAMES = 5
MOST_BROKEN = 1_000


class Duplicates(NamedTuple):
    """Images that are pixel-identical after preparation. images: how many. names: those of the first few. shared:
    whether some are training images and others held out."""

    images: int
    names: tuple[str, ...]
    shared: bool


@dataclass(frozen=True)
class Summary:
    """A DataReport with its long lists cut short; fields of the same name mean the same."""

    source: str
    kind: str
    count: int
    train: int
    held_out: int
    labelled: bool
    classes: tuple[tuple[str, int], ...]
    """The largest classes, with their numbers of images."""
    class_count: int
    """Number of all classes."""
    sizes: tuple[tuple[int, int, int], ...]
    """The most frequent sizes."""
    size_count: int
    """Number of all sizes."""
    modes: Mapping[str, int]
    shape: tuple[int, int, int]
    histogram: tuple[tuple[int, ...], ...]
    mean: tuple[float, ...]
    std: tuple[float, ...]
    copies: int
    """Number of images identical to an earlier one."""
    groups: tuple[Duplicates, ...]
    """The largest groups of duplicates."""
    shared: int
    """Number of groups with images on both sides of the split."""
    captions: int
    """Number of images that have a caption."""
    broken: tuple[BrokenFile, ...]
    """The first broken files."""
    broken_count: int
    """Number of all broken files."""
    notes: tuple[str, ...]
    warnings: tuple[str, ...]
    scale: str
    line: str
    """The line on what was read, which a run of this set shows too."""
    sampled: int = 0

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, facts: Mapping[str, Any]) -> Self:
        """Restore a summary from JSON, which has lists instead of tuples."""
        found = {name: _tuples(value) for name, value in facts.items()}
        found["groups"] = tuple(Duplicates(*each) for each in found["groups"])
        found["broken"] = tuple(BrokenFile(*each) for each in found["broken"])
        return cls(**found)


def summary_of(report: DataReport) -> Summary:
    """Summarise a report. Classes keep their order; if there are too many, only the largest are listed, by size."""
    classes = list(report.classes.items())
    if len(classes) > MOST_CLASSES:
        classes = sorted(classes, key=lambda each: -each[1])[:MOST_CLASSES]
    shared = set(report.shared)
    return Summary(
        source=report.source,
        kind=report.kind,
        count=report.count,
        train=report.train,
        held_out=report.held_out,
        labelled=report.labelled,
        classes=tuple(classes),
        class_count=len(report.classes) if report.labelled else 0,
        sizes=tuple((*size, count) for size, count in list(report.sizes.items())[:MOST_SIZES]),
        size_count=len(report.sizes),
        modes=dict(report.modes),
        shape=report.shape,
        histogram=report.histogram,
        mean=report.mean,
        std=report.std,
        copies=sum(len(group) - 1 for group in report.duplicates),
        groups=tuple(
            Duplicates(len(group), tuple(group[:MOST_NAMES]), group in shared)
            for group in report.duplicates[:MOST_GROUPS]
        ),
        shared=len(report.shared),
        captions=report.captions,
        broken=report.broken[:MOST_BROKEN],
        broken_count=len(report.broken),
        notes=report.notes,
        warnings=report.warnings,
        scale=report.scale,
        line=report.line,
        sampled=report.sampled,
    )


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value
