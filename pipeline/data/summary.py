"""A report as a page shows it: all of its numbers, and of its long lists the beginning.

A folder may hold a million files, and each may be broken or a duplicate: such lists are for the command line's --json.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple, Self

from pipeline.data.files.source import Broken
from pipeline.data.report import DataReport

MOST_CLASSES = 500
MOST_SIZES = 50
MOST_GROUPS = 200
MOST_NAMES = 5
MOST_BROKEN = 1_000


class Duplicates(NamedTuple):
    """Images that are equal in every pixel once they are prepared. images: how many. names: of the first few of them.
    shared: whether some are learned from and others held out."""

    images: int
    names: tuple[str, ...]
    shared: bool


@dataclass(frozen=True)
class Summary:
    """What is shown of a set; the fields are those of DataReport where they have the same name.

    classes, sizes: the largest; class_count, size_count: how many there are in all. copies: images that are equal to an
    earlier one. groups: the largest of them; shared: how many groups lie on both sides of the split. broken: the first;
    broken_count: of all.
    """

    source: str
    kind: str
    count: int
    train: int
    held_out: int
    labelled: bool
    classes: tuple[tuple[str, int], ...]
    class_count: int
    sizes: tuple[tuple[int, int, int], ...]
    size_count: int
    modes: Mapping[str, int]
    shape: tuple[int, int, int]
    histogram: tuple[tuple[int, ...], ...]
    mean: tuple[float, ...]
    std: tuple[float, ...]
    copies: int
    groups: tuple[Duplicates, ...]
    shared: int
    broken: tuple[Broken, ...]
    broken_count: int
    notes: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, facts: Mapping[str, Any]) -> Self:
        """The same from JSON, which has lists where this has tuples."""
        found = {name: _tuples(value) for name, value in facts.items()}
        found["groups"] = tuple(Duplicates(*each) for each in found["groups"])
        found["broken"] = tuple(Broken(*each) for each in found["broken"])
        return cls(**found)


def summary_of(report: DataReport) -> Summary:
    """classes are left in their order unless there are too many: then the largest come first."""
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
        broken=report.broken[:MOST_BROKEN],
        broken_count=len(report.broken),
        notes=report.notes,
    )


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value
