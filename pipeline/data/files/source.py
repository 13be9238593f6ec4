"""What every source of images offers, wherever its images lie: which there are, and each of them as a picture.

A source is opened cheaply: it knows names, labels and its own split, but has decoded nothing.
"""

import hashlib
import os
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from PIL import Image

PICTURE_ENDINGS = frozenset(
    (".png", ".jpg", ".jpeg", ".jpe", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".ppm", ".pgm", ".pbm", ".pnm")
)
"""Files with other endings are no pictures: they are left out without being opened."""


class SourceImage(NamedTuple):
    """One image. image: of mode L or RGB. size: (height, width) as one looks at it. mode: Pillow's name of the mode
    that the file has. animated: whether more frames follow the first, which this is."""

    image: Image.Image
    size: tuple[int, int]
    mode: str
    animated: bool = False


class Broken(NamedTuple):
    """A file that is left out, and why."""

    file: str
    reason: str


class Entries(NamedTuple):
    """What there is in a source, N images.

    labels: (N,) int64, the place of each one's class in class_names; zeros where there are no classes. class_names: ()
    where the images carry no labels. held_out: (N,) bool, which ones the source itself keeps aside; None where it
    leaves that open.
    """

    names: Sequence[str]
    labels: NDArray[np.int64]
    class_names: tuple[str, ...] = ()
    held_out: NDArray[np.bool_] | None = None


class ImageSource(ABC):
    """An opened source. kind: what it is, as a sentence says it ("a zip of images"). broken, notes: what was found on
    opening. watched: the files and folders whose change may change its entries."""

    def __init__(
        self,
        path: Path,
        kind: str,
        entries: Entries,
        *,
        broken: Sequence[Broken] = (),
        notes: Sequence[str] = (),
        watched: Sequence[Path] = (),
    ) -> None:
        self.path = path
        self.kind = kind
        self.entries = entries
        self.broken = tuple(broken)
        self.notes = tuple(notes)
        self.watched = tuple(watched) or (path,)

    @property
    def count(self) -> int:
        """N, broken ones among them that only decoding will find."""
        return len(self.entries.labels)

    @abstractmethod
    def picture(self, index: int, side: int = 0) -> SourceImage:
        """Image number `index`; any thread may ask. Raises BrokenImage.

        side: pixels a side that it will be made to fit; where given, a reader may leave out detail that will not be
        seen, and only `size` tells how large the image is.
        """

    @abstractmethod
    def grey(self) -> bool:
        """Whether most of its images are grey, which is what `as they come` makes all of them. Looks at some."""

    def signature(self) -> str:
        """Differs once the bytes of any image may have changed."""
        return digest(repr([stamp(path) for path in self.watched]))

    def pixels(self, side: int, grey: bool) -> NDArray[np.uint8] | None:
        """All images at once, (N, C, side, side), where they are like that already; else None."""
        return None

    def close(self) -> None:  # noqa: B027 - most hold nothing open
        """Lets go of the file."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def stamp(path: Path) -> tuple[str, int, int, int]:
    """Path, inode, size and time of change of a file or folder; zeros where there is nothing."""
    try:
        found = path.stat()
    except OSError:
        return str(path), 0, 0, 0
    return str(path), found.st_ino, found.st_size, found.st_mtime_ns


def digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def legible(name: str) -> str:
    """A file's name with everything escaped that a terminal or a page might take for something else."""
    if name.isprintable():
        return name
    text = os.fsencode(name).decode("utf-8", "backslashreplace")
    return "".join(each if each.isprintable() else f"\\x{ord(each):02x}" for each in text)
