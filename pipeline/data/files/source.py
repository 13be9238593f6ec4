"""The interface of every source of images: its entries, and each image as a picture.

Opening a source is cheap: it knows names, labels and its own split, but has decoded nothing.
"""

import hashlib
import os
import re
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pipeline.data.files.rules import Rules
from pipeline.data.files.shades import Scales
from pipeline.data.files.value_counts import CountsByKind


class SourceImage(NamedTuple):
    """One image. image: mode L or RGB; or the stored numbers (height, width, channels) if they are not 8-bit shades:
    `shades.as_image` scales both. size: (height, width) after EXIF rotation. mode: Pillow's name of the file's mode.
    animated: whether the file has more frames; `image` is the first."""

    image: Image.Image | NDArray[np.generic]
    size: tuple[int, int]
    mode: str
    animated: bool = False


class BrokenFile(NamedTuple):
    """A file that is left out, and the reason."""

    file: str
    reason: str


def _in_short(reason: str) -> str:
    """A reason such as "it is damaged (broken PNG file)" in words that follow a number: "damaged"."""
    if "more than" in reason:
        return "too large"
    short = re.sub(r"\s*\([^)]*\)", "", reason).partition(",")[0].partition(":")[0].strip()
    for beginning, instead in (("it is ", ""), ("it has ", "with "), ("its ", "whose "), ("it ", "that ")):
        if short.startswith(beginning):
            return instead + short.removeprefix(beginning)
    return short


def left_out_by_reason(broken: Sequence[BrokenFile]) -> dict[str, int]:
    """How many files were left out for each reason, the most frequent first; each in words that follow a number."""
    return dict(Counter(_in_short(each.reason) for each in broken).most_common())


class Entries(NamedTuple):
    """The N images listed in a source.

    labels: (N,) int64 indices into class_names; zeros if there are no classes. class_names: () if the images have no
    labels. held_out: (N,) bool, images that the source itself holds out; None if it has no split. captions: N texts, ""
    for an image without one; None if no image has one.
    """

    names: Sequence[str]
    labels: NDArray[np.int64]
    class_names: tuple[str, ...] = ()
    held_out: NDArray[np.bool_] | None = None
    captions: Sequence[str] | None = None


class ImageSource(ABC):
    """An opened source. kind: e.g. "a zip of images", for messages. broken: files left out. notes: sentences about what
    was found while opening it. warnings: sentences about what is probably not meant, shown wherever a run is started.
    watched: files and folders whose change may change its entries."""

    rules: Rules = "0.4"
    """The rules by which it was opened, and by which stored values become shades, unless a range is chosen."""

    range_warnings: tuple[str, ...] = ()
    """Warnings about the ranges of stored values, known once `counts` has been called."""

    def __init__(
        self,
        path: Path,
        kind: str,
        entries: Entries,
        *,
        broken: Sequence[BrokenFile] = (),
        notes: Sequence[str] = (),
        warnings: Sequence[str] = (),
        watched: Sequence[Path] = (),
    ) -> None:
        self.path = path
        self.kind = kind
        self.entries = entries
        self.broken = tuple(broken)
        self.notes = tuple(notes)
        self.warnings = tuple(warnings)
        self.watched = tuple(watched) or (path,)

    @property
    def count(self) -> int:
        """N, including broken images that only decoding will find."""
        return len(self.entries.labels)

    @abstractmethod
    def picture(self, index: int, side: int = 0, rules: Rules = "0.4") -> SourceImage:
        """Image number `index`; thread-safe. Raises BrokenImage.

        side: pixels per side that it will be fitted to, 0 if unknown; if given, the image may be decoded at reduced
        size, and only `size` tells the original size. rules: with "0.3", every image is 8-bit.
        """

    @abstractmethod
    def grey(self) -> bool:
        """Whether most of its images are grey, as decided from a sample; "as they come" then makes all of them grey."""

    def signature(self) -> str:
        """A digest that changes when the bytes of any image may have changed."""
        return digest(repr([stamp(path) for path in self.watched]))

    def counts(self, every: bool = False) -> CountsByKind | None:
        """How often each stored value occurs, if that is known without decoding pictures; otherwise None.

        every: also count 8-bit images; otherwise they are counted only if they are 0 and 1 throughout.
        """
        return None

    def pixels(self, side: int, grey: bool, scales: Scales, rules: Rules = "0.4") -> NDArray[np.uint8] | None:
        """All images at once, (N, C, side, side), if they are stored like that already; otherwise None."""
        return None

    def close(self) -> None:  # noqa: B027 - most have nothing to close
        """Close the file, if one is open."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def stamp(path: Path) -> tuple[str, int, int, int]:
    """Path, inode, size and modification time of a file or folder; zeros if it does not exist."""
    try:
        found = path.stat()
    except OSError:
        return str(path), 0, 0, 0
    return str(path), found.st_ino, found.st_size, found.st_mtime_ns


def digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def escape_name(name: str) -> str:
    """A file's name with all characters escaped that could be mistaken for something else in a terminal or on a
    page."""
    if name.isprintable():
        return name
    text = os.fsencode(name).decode("utf-8", "backslashreplace")
    return "".join(each if each.isprintable() else f"\\x{ord(each):02x}" for each in text)
