"""Looking at a data set before anything is trained on it: its report, and some of its images, by the second engine."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from pipeline.data.files.survey import fingerprint, survey
from pipeline.data.fitting import ChannelMode, Fit, Preparation
from pipeline.data.named import needs_download
from pipeline.data.sets import FACTS
from pipeline.data.summary import Summary
from pipeline.runtime.handle import TrainerHandle
from pipeline.runtime.messages import Command, ReadingSeen, Snapshot

STRIPS_SECONDS = 120.0

Strengths = Mapping[str, float]
"""An augmentation's strengths by name, with its `probability`."""


@dataclass(frozen=True)
class DataChoice:
    """A data set with what is done to it. source: a named set, or what files of one's own are named by. image_size: 0
    for the size that a named set has; fit, channels and held_out are for files."""

    source: str
    image_size: int = 0
    fit: Fit = "crop"
    channels: ChannelMode = "as they come"
    held_out: float = 0.1

    @property
    def named(self) -> bool:
        return self.source in FACTS

    @property
    def preparation(self) -> Preparation:
        return Preparation(self.image_size, self.fit, self.channels)


@dataclass(frozen=True)
class ReadStatus:
    """What a look at a set has come to. summary: None while it is read, or where nobody has asked for that. key: by
    which the engine's snapshot names the reading."""

    key: str
    summary: Summary | None


@dataclass(frozen=True)
class ShownPreview:
    """An image of a set: as it came, prepared, augmented, side by side in a PNG. size: (height, width) as it came.
    class_name: "" where it has none. reason: why it cannot be read; it has no PNG then."""

    name: str
    class_name: str
    size: tuple[int, int]
    reason: str
    png: bytes


def version(choice: DataChoice, home: Path) -> str:
    """Differs once the set has changed; cheap. Raises UnusableSource where no images are to be had from it."""
    return "" if choice.named else fingerprint(choice.source, home)


def to_be_downloaded(choice: DataChoice, home: Path) -> bool:
    """Whether looking at it would fetch it from the network."""
    return choice.named and needs_download(choice.source, home)


def count(choice: DataChoice, home: Path) -> int:
    """How many images it has, broken ones among them. Raises UnusableSource."""
    if choice.named:
        return FACTS[choice.source].train + FACTS[choice.source].held_out
    return survey(choice.source, home).count


def look(drawer: TrainerHandle, choice: DataChoice, version: str, *, begin: bool, again: bool = False) -> ReadStatus:
    """What the engine knows of the set now; every browser that asks is told of the same reading.

    begin: have it read where nobody has. again: have it read anew, also where that has failed or was stopped.
    Raises CommandRefused with the sentence of what failed (its kind is ReadingStopped where it was stopped), EngineGone.
    """
    wanted = asdict(choice) | {"fingerprint": version}
    answer = drawer.ask(Command("report", arguments={"wanted": wanted, "begin": begin, "again": again}))
    facts = answer.values["summary"]
    return ReadStatus(answer.values["key"], None if facts is None else Summary.from_json(facts))


def under_way(now: Snapshot, key: str) -> ReadingSeen | None:
    """How far a reading is, as the engine's snapshot tells; None where it is not under way."""
    return next((reading for reading in now.readings if reading.key == key), None)


def stop_reading(drawer: TrainerHandle, key: str) -> None:
    """Ends a reading, for whoever waits for it. Nothing of it is kept."""
    drawer.ask(Command("stop_reading", arguments={"key": key}))


def strips(
    drawer: TrainerHandle, choice: DataChoice, page: int, count: int, augmentations: Sequence[Strengths], seed: int
) -> tuple[ShownPreview, ...]:
    """Page `page`, from 1, of the set in a fixed shuffled order, `count` images; () beyond the last page.

    augmentations: done one after the other. seed: of their draws. Raises CommandRefused, EngineGone.
    """
    arguments = {
        "source": choice.source,
        "preparation": asdict(choice.preparation),
        "page": page - 1,
        "count": count,
        "augmentations": [dict(each) for each in augmentations],
        "seed": seed,
    }
    answer = drawer.ask(Command("strips", arguments=arguments), STRIPS_SECONDS)
    return tuple(
        ShownPreview(facts["name"], facts["class_name"], tuple(facts["size"]), facts["reason"], png)
        for facts, png in zip(answer.values["strips"], answer.blobs, strict=True)
    )
