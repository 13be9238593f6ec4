"""What is known about a set of images, in the one wording that every command, page and record uses.

findings = of_survey(survey, share=0.1)      # before the images are read
findings = of_read(images.split(0.1))          # afterwards, with hashes of what was decoded
findings.line, findings.warnings             # what to say wherever a run is started
differences(before, findings)                # why a run's images are not the ones it was trained on; [] if they are
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from hashlib import blake2b
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from pipeline.data.files.read_images import ReadImages, shared_groups
from pipeline.data.files.source import left_out_by_reason
from pipeline.data.files.survey import Survey
from pipeline.data.pixel_statistics import content_hash
from pipeline.formatting import counted

MOST_REASONS = 4
"""Reasons for leaving images out that the line names; the rest are counted together."""

MOST_NAMED = 3
"""Classes that a difference names."""

SURVEYED = "Found"
NOT_READ = "They have not been read yet: training, the Data page or `data` does that and may say more."
READ = "Read"
SAMPLED = "Only a sample of them was looked at, so equal and damaged images among the others are not known."


@dataclass(frozen=True)
class Findings:
    """What is known about the images of one source."""

    train: int
    """Training images; before they are read, damaged ones included."""
    held_out: int
    """Images that training never sees."""
    classes: int = 0
    """Number of classes; 0 without labels."""
    class_names: tuple[str, ...] = ()
    """In label order; () if the classes have no names."""
    class_counts: tuple[int, ...] = ()
    """Readable images of each class, training and held out; () before they are read."""
    shape: tuple[int, int, int] | None = None
    """(C, H, W) of the prepared images; None before they are read."""
    left_out: Mapping[str, int] = field(default_factory=dict)
    """Number of files left out for each reason, in a few words that follow a number."""
    shared: int = 0
    """Held-out images that are pixel-identical to a training image."""
    scale: str = ""
    """Which stored values became black and white, as a sentence; "" for 8-bit shades."""
    notes: tuple[str, ...] = ()
    """Sentences about what was found."""
    warnings: tuple[str, ...] = ()
    """Sentences about what is probably not meant, shown wherever a run is started."""
    hashes: Mapping[str, str] = field(default_factory=dict)
    """Hashes of the decoded "pictures", of their "labels" and of the "split"; empty before they are read. Of a set that
    is decoded while training, of its "files", by name and size, instead of the pictures."""
    later: str = ""
    """Why the set is decoded while training, as the end of a sentence; "" if it is read whole before."""

    @property
    def count(self) -> int:
        """Images in use."""
        return self.train + self.held_out

    @property
    def line(self) -> str:
        """The findings in one line: how many images were read, how they are split, what was left out and why."""
        omitted = sum(self.left_out.values())
        found = (
            f"{self.count:,} of {counted(self.count + omitted, 'image')}" if omitted else counted(self.count, "image")
        )
        classes = f" in {counted(self.classes, 'class', 'classes')}" if self.classes else ""
        split = f"{self.train:,} for training, {f'{self.held_out:,}' if self.held_out else 'none'} held out"
        sentence = f"{READ if 'pictures' in self.hashes else SURVEYED} {found}{classes}: {split}"
        later = f"They are decoded while training, {self.later}. {SAMPLED}" if self.later else ""
        return " ".join(filter(None, (f"{sentence}{self._omission(omitted)}.", self.scale, later)))

    @property
    def sentences(self) -> tuple[str, ...]:
        """The line, and each warning introduced as one: for terminals and events."""
        return (self.line, *(f"Warning: {warning}" for warning in self.warnings))

    def as_dict(self) -> dict[str, Any]:
        """For JSON: every field, and the line."""
        return {"line": self.line, **asdict(self)}

    @classmethod
    def from_dict(cls, facts: Mapping[str, Any]) -> Self:
        """Restore findings from JSON, which has lists instead of tuples. Raises TypeError or ValueError for others."""
        known = {each.name for each in fields(cls)}
        found: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in facts.items() if name in known
        }
        return cls(**found)

    def _omission(self, omitted: int) -> str:
        if not omitted:
            return ""
        reasons = sorted(self.left_out.items(), key=lambda each: -each[1])
        if len(reasons) == 1:
            return f"; {omitted:,} left out ({reasons[0][0]})"
        named = [f"{count:,} {reason}" for reason, count in reasons[:MOST_REASONS]]
        if others := sum(count for _, count in reasons[MOST_REASONS:]):
            named.append(f"{others:,} for other reasons")
        return f"; {omitted:,} left out ({', '.join(named)})"


def of_survey(survey: Survey, share: float) -> Findings:
    """What is known without decoding. share: as for `Survey.split`."""
    train, held_out = survey.split(share)
    names = survey.class_names
    return Findings(
        train,
        held_out,
        len(names),
        names,
        left_out=survey.left_out,
        warnings=(*survey.warnings, *_mostly_left_out(survey.count, survey.left_out)),
    )


def of_read(images: ReadImages) -> Findings:
    """What is known about a source that has been read and split."""
    held_out = images.aside
    found = of_arrays(images.pixels, images.labels, held_out, images.class_names, content=images.content)
    left_out = left_out_by_reason(images.broken)
    return replace(
        found,
        left_out=left_out,
        shared=sum(int(held_out[list(group)].sum()) for group in shared_groups(images, held_out)),
        scale=images.scale,
        notes=images.notes,
        warnings=(*images.warnings, *_mostly_left_out(found.count, left_out)),
    )


def of_arrays(
    pixels: NDArray[np.uint8],
    labels: NDArray[np.int64],
    held_out: NDArray[np.bool_],
    class_names: Sequence[str] = (),
    classes: int | None = None,
    content: str = "",
) -> Findings:
    """What is known about images in memory: (N, C, H, W) uint8, labels (N,) and split (N,) bool.

    classes: their number, if they have no names. content: the pixels' `content_hash`, if it is known already.
    """
    shape = (pixels.shape[1], pixels.shape[2], pixels.shape[3])
    number = len(class_names) if classes is None else classes
    return of_labels(labels, held_out, class_names, number, shape, {"pictures": content or content_hash(pixels)})


def of_labels(
    labels: NDArray[np.int64],
    held_out: NDArray[np.bool_],
    class_names: Sequence[str],
    number: int,
    shape: tuple[int, int, int],
    content: Mapping[str, str],
) -> Findings:
    """What labels (N,) and split (N,) bool tell. number: of classes. shape: (C, H, W) of the images. content: the hash
    of the images, by what was hashed."""
    counts = np.bincount(labels, minlength=number).tolist() if number else ()
    aside = int(held_out.sum())
    return Findings(
        train=len(labels) - aside,
        held_out=aside,
        classes=number,
        class_names=tuple(class_names),
        class_counts=tuple(counts),
        shape=shape,
        hashes={
            **content,
            "labels": _hash(labels.astype("<i8").tobytes()),
            "split": _hash(np.packbits(held_out).tobytes()),
        },
    )


def differences(before: Findings, now: Findings) -> list[str]:
    """What differs between two sets that have been read, as clauses; [] if they are the same set."""
    found = [f"the images had the shape {_sides(before)} and have {_sides(now)}"] if before.shape != now.shape else []
    found += _class_differences(before, now)
    for what, then, today in (
        ("training", before.train, now.train),
        ("held-out", before.held_out, now.held_out),
    ):
        if then != today:
            found.append(f"there were {counted(then, f'{what} image')} and are {today:,}")
    if found:
        return found
    # A set that was read whole and is now decoded while training, or the other way round, has no common hash of it.
    changed = {name for name, value in now.hashes.items() if before.hashes.get(name, value) != value}
    if changed & {"pictures", "files"} or not before.hashes:
        return ["the pictures are others, or in another order"]
    if "labels" in changed:
        return ["the pictures have other labels"]
    return ["other pictures are held out"] if "split" in changed else []


def too_large_batch(batch_size: int, train: int) -> str:
    """Why batches of this size cannot be drawn from so many training images; "" if they can."""
    if batch_size <= train:
        return ""
    there = "there is only 1 training image" if train == 1 else f"there are only {train:,} training images"
    return f"Batch size is {batch_size:,}, but {there}."


def _mostly_left_out(count: int, left_out: Mapping[str, int]) -> list[str]:
    """A warning if more images were left out than are used. count: images in use."""
    found = count + sum(left_out.values())
    if found <= 2 * count:
        return []
    return [
        f"Most images were left out: only {count:,} of {found:,} are used. The Data page lists the others with their "
        "reasons."
    ]


def _class_differences(before: Findings, now: Findings) -> list[str]:
    pairs = list(zip(before.class_names, now.class_names, strict=False))
    renamed = [f"label {label} was {old} and is {new}" for label, (old, new) in enumerate(pairs) if old != new]
    found = renamed[:MOST_NAMED]
    if len(renamed) > MOST_NAMED:
        found.append(f"{len(renamed) - MOST_NAMED:,} more labels have other names")
    if before.classes != now.classes:
        found.append(f"there were {counted(before.classes, 'class', 'classes')} and are {now.classes:,}")
    if not found and before.class_counts != now.class_counts:
        names = now.class_names or tuple(f"label {label}" for label in range(now.classes))
        changed = [
            f"{name} had {counted(then, 'image')} and has {today:,}"
            for name, then, today in zip(names, before.class_counts, now.class_counts, strict=False)
            if then != today
        ]
        found += changed[:MOST_NAMED]
        if len(changed) > MOST_NAMED:
            found.append(f"{len(changed) - MOST_NAMED:,} more classes have other numbers of images")
    return found


def _sides(findings: Findings) -> str:
    return "×".join(map(str, findings.shape or ()))


def _hash(content: bytes) -> str:
    return blake2b(content, digest_size=16).hexdigest()
