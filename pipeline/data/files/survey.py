"""Surveys a source without decoding its images: what forms and checks need each time that a page is drawn.

The first survey of a source may take a while. It is cached until the source changes, which takes a few milliseconds to
check: of a folder of images, only the folders are checked, since adding, removing or renaming a file changes the
modification time of its folder. What was listed of a large source is kept for other processes (`large/opening.py`).
"""

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from pipeline.data.files.opening import find
from pipeline.data.files.rules import Rules
from pipeline.data.files.source import ImageSource, digest, left_out_by_reason, stamp
from pipeline.data.fitting import Preparation
from pipeline.data.large.opening import open_large
from pipeline.data.split import held_out_counts
from pipeline.errors.data import UnusableSource

REMEMBERED = 64
"""Maximum number of cached surveys."""


@dataclass(frozen=True)
class Survey:
    """What is known about a source before it is read.

    count: images, including broken ones that only decoding will find. class_names: () if images have no labels.
    class_counts: images of each class (or of all, without classes) that the source does not hold out itself. held_out:
    how many it holds out itself, None if it has no split. grey: whether most images are grey. warnings: sentences about
    what is probably not meant, as far as it is known without decoding. left_out: number of files left out for each
    reason, likewise.
    """

    path: Path
    kind: str
    count: int
    class_names: tuple[str, ...]
    class_counts: tuple[int, ...]
    held_out: int | None
    grey: bool
    warnings: tuple[str, ...] = ()
    left_out: Mapping[str, int] = field(default_factory=dict)

    def split(self, share: float) -> tuple[int, int]:
        """(training images, held-out images). share: share to hold out if the source has no split."""
        held_out = sum(held_out_counts(self.class_counts, share)) if self.held_out is None else self.held_out
        return self.count - held_out, held_out

    def shape(self, preparation: Preparation) -> tuple[int, int, int]:
        """(C, H, W) of the images after preparation."""
        side = preparation.image_size
        return (1 if preparation.grey(self.grey) else 3), side, side


def survey(source: str, home: Path, rules: Rules = "0.4") -> Survey:
    """Survey the source that a user names. rules: of reading files. Raises UnusableSource."""
    path = find(source, home)
    with _LOCK:
        known = _KNOWN.get((path, rules))
    fresh = known is not None and all(stamp(each) == before for each, before in known[1])
    found = known[0] if known is not None and fresh else _remember(path, home, rules)
    if isinstance(found, UnusableSource):
        raise found
    return found


def fingerprint(source: str, home: Path, rules: Rules = "0.4") -> str:
    """A digest that changes when the surveyed source has changed: a file, or the list of files in a folder.

    As quick as a survey: a picture whose bytes alone are replaced is noticed only when its folder is read. Raises
    UnusableSource.
    """
    found = survey(source, home, rules)
    with _LOCK:
        known = _KNOWN.get((found.path, rules))
    return digest(repr(known[1] if known else found))


def survey_of(source: ImageSource) -> Survey:
    """Survey a source that is already open."""
    entries = source.entries
    own = entries.held_out
    labels = entries.labels if own is None else entries.labels[~own]
    return Survey(
        source.path,
        source.kind,
        source.count,
        entries.class_names,
        tuple(np.bincount(labels, minlength=max(1, len(entries.class_names))).tolist()),
        None if own is None else int(own.sum()),
        source.grey(),
        source.warnings,
        left_out_by_reason(source.broken),
    )


Stamps = tuple[tuple[Path, tuple[str, int, int, int]], ...]

_KNOWN: OrderedDict[tuple[Path, Rules], tuple[Survey | UnusableSource, Stamps]] = OrderedDict()
_LOCK = threading.Lock()


def _remember(path: Path, home: Path, rules: Rules) -> Survey | UnusableSource:
    before = ((path, stamp(path)),)
    found: Survey | UnusableSource
    try:
        with open_large(path, home, rules) as source:
            stamps = tuple((each, stamp(each)) for each in source.watched)
            found = survey_of(source)
    except UnusableSource as error:
        found, stamps = error, before
        if path.is_dir():
            # Any file below the folder might make it usable, so the error is not remembered.
            return found
    with _LOCK:
        _KNOWN[path, rules] = (found, stamps)
        _KNOWN.move_to_end((path, rules))
        while len(_KNOWN) > REMEMBERED:
            _KNOWN.popitem(last=False)
    return found
