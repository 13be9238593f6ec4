"""Inspect a data set before training on it: its report and some of its images, read by the drawing engine."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.data.files.rules import Rules
from pipeline.data.files.shades import Shades
from pipeline.data.files.survey import fingerprint, survey
from pipeline.data.fitting import ChannelMode, Fit, Preparation
from pipeline.data.named import needs_download
from pipeline.data.sets import FACTS
from pipeline.data.summary import Summary
from pipeline.errors.base import Fault
from pipeline.runtime.handle import TrainerHandle
from pipeline.runtime.messages.answers import StripImage
from pipeline.runtime.messages.drawing_commands import PreparedSet, Report, StopReading, Strips
from pipeline.runtime.messages.snapshot import ReadingProgress, Snapshot

STRIPS_SECONDS = 120.0

Strengths = Mapping[str, float]
"""The strengths of an augmentation by name, including its `probability`."""


@dataclass(frozen=True)
class DataChoice:
    """A data set and the preparation of its images.

    source: a named set, or the path or upload of image files. image_size: side in pixels, 0 for a named set's own size.
    fit, channels, held_out, shades and rules apply to files only.
    """

    source: str
    image_size: int = 0
    fit: Fit = "crop"
    channels: ChannelMode = "as they come"
    held_out: float = 0.1
    shades: Shades = "as stored"
    rules: Rules = "0.4"

    @property
    def named(self) -> bool:
        return self.source in FACTS

    @property
    def preparation(self) -> Preparation:
        return Preparation(self.image_size, self.fit, self.channels, self.shades, self.rules)

    @property
    def prepared(self) -> PreparedSet:
        """As commands name it."""
        return PreparedSet(self.source, self.image_size, self.fit, self.channels, self.shades, self.rules)


@dataclass(frozen=True)
class ReadStatus:
    """The state of reading a data set.

    key: identifies the reading in the engine's snapshot. summary: None while the set is being read, or if no reading
    was started.
    """

    key: str
    summary: Summary | None


def version(choice: DataChoice, home: Path) -> str:
    """A string that changes when the set changes; cheap to compute. Raises UnusableSource if it has no images."""
    return "" if choice.named else fingerprint(choice.source, home, choice.rules)


def must_download(choice: DataChoice, home: Path) -> bool:
    """Whether reading the set would download it."""
    return choice.named and needs_download(choice.source, home)


def count(choice: DataChoice, home: Path) -> int:
    """Number of images, including broken ones. Raises UnusableSource."""
    if choice.named:
        return FACTS[choice.source].train + FACTS[choice.source].held_out
    return survey(choice.source, home, choice.rules).count


def read_set(
    drawer: TrainerHandle, choice: DataChoice, version: str, *, begin: bool, again: bool = False
) -> ReadStatus:
    """Return what the engine knows about the set now. All browsers share one reading.

    begin: start reading the set if it has not been read. again: read it again, also after a failure or a stop.
    Raises CommandRefused with the message of what failed (kind ReadingStopped if it was stopped), or EngineGone.
    """
    command = Report(data=choice.prepared, held_out=choice.held_out, fingerprint=version, begin=begin, again=again)
    found = drawer.ask(command)
    return ReadStatus(found.key, None if found.summary is None else _summary(found.summary))


def reading_progress(snapshot: Snapshot, key: str) -> ReadingProgress | None:
    """The progress of a reading, from the engine's snapshot; None if it is not running."""
    return next((reading for reading in snapshot.readings if reading.key == key), None)


def stop_reading(drawer: TrainerHandle, key: str) -> None:
    """Stop a reading, for every browser that waits for it. Its partial result is discarded."""
    drawer.ask(StopReading(key=key))


def previews(
    drawer: TrainerHandle, choice: DataChoice, page: int, count: int, augmentations: Sequence[Strengths], seed: int
) -> tuple[StripImage, ...]:
    """Page `page`, from 1, of the set in a fixed shuffled order, `count` images; () beyond the last page.

    augmentations: applied one after the other. seed: seed of the augmentations' random numbers. Raises CommandRefused
    or EngineGone.
    """
    command = Strips(
        data=choice.prepared, page=page - 1, count=count, augmentations=tuple(map(dict, augmentations)), seed=seed
    )
    return drawer.ask(command, STRIPS_SECONDS).strips


def _summary(text: str) -> Summary:
    try:
        return Summary.from_json(json.loads(text))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise Fault("The drawing engine's report on this set cannot be read: it is of another version.") from error
