"""Captions of pictures: from tables, or from a text file beside each picture (1.txt beside 1.png)."""

import re
from collections.abc import Callable, Mapping, Sequence

from pipeline.data.files.label_tables import as_text, one_line
from pipeline.data.files.lazy_texts import LazyTexts
from pipeline.data.files.limits import MOST_CAPTION_BYTES

CAPTION_ENDINGS = (".txt", ".caption")
LOOKED_AT = 8
"""Text files that are read to find out whether they hold captions, or the boxes of a detector."""

NUMBERS = re.compile(r"[-+0-9.,;eE\s]*")


class Captions(LazyTexts):
    """The caption of each of N pictures, "" for one without; a text file is read when its caption is asked for."""

    def __init__(
        self,
        known: Sequence[str],
        files: Sequence[str],
        content: Callable[[str, int], bytes],
    ) -> None:
        """known: captions from tables, "" if there is none. files: the text file of each picture, "" if it has none.
        content: bytes of a text file, at most this many."""
        self._known = known
        self._files = files
        self._content = content

    def __len__(self) -> int:
        return len(self._known)

    def text(self, place: int) -> str:
        file = self._files[place]
        return self._known[place] or (read_caption(file, self._content) if file else "")

    @property
    def present(self) -> list[bool]:
        """(N,) which pictures have a caption, without reading text files."""
        return [bool(known or file) for known, file in zip(self._known, self._files, strict=True)]


def read_caption(file: str, content: Callable[[str, int], bytes]) -> str:
    """The caption in a text file; "" if it cannot be read."""
    try:
        return one_line(as_text(content(file, MOST_CAPTION_BYTES)))
    except Exception:  # noqa: BLE001 - a picture without its caption is still a picture
        return ""


def captions_beside(
    pictures: Sequence[str], texts: Sequence[str], content: Callable[[str, int], bytes]
) -> Mapping[str, str]:
    """The text file of each picture that has one. None count if those that are looked at hold only numbers."""
    known = frozenset(texts)
    found: dict[str, str] = {}
    for picture in pictures:
        stem = picture.rpartition(".")[0]
        if file := next((stem + ending for ending in CAPTION_ENDINGS if stem + ending in known), ""):
            found[picture] = file
    looked_at = [read_caption(file, content) for file in list(found.values())[:LOOKED_AT]]
    return {} if looked_at and all(map(NUMBERS.fullmatch, looked_at)) and any(looked_at) else found
