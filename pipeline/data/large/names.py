"""A million names in two arrays, which may be in mapped files: no object for each name is in memory."""

import os
from collections.abc import Iterable
from typing import Self

import numpy as np
from numpy.typing import NDArray

from pipeline.data.files.lazy_texts import LazyTexts
from pipeline.data.files.source import escape_name


class StoredNames(LazyTexts):
    """N names, escaped for people as everywhere (`escape_name`). `stored` gives a name as the file system has it."""

    def __init__(
        self, content: NDArray[np.uint8], ends: NDArray[np.int64], rows: NDArray[np.int64] | None = None
    ) -> None:
        """content: the bytes of all names, one after the other. ends: where each ends. rows: (N,) which names these
        are and in which order; None for all."""
        self.content = content
        self.ends = ends
        self._rows = rows

    @classmethod
    def of(cls, names: Iterable[str]) -> Self:
        """These names, as the file system has them."""
        encoded = [os.fsencode(name) for name in names]
        ends = np.cumsum([len(each) for each in encoded], dtype=np.int64)
        return cls(np.frombuffer(b"".join(encoded), np.uint8), ends)

    def __len__(self) -> int:
        return len(self.ends if self._rows is None else self._rows)

    def text(self, place: int) -> str:
        return escape_name(self.stored(place))

    def stored(self, place: int) -> str:
        """Name number `place`, from 0 to N − 1, not escaped."""
        row = place if self._rows is None else int(self._rows[place])
        start = int(self.ends[row - 1]) if row else 0
        return os.fsdecode(self.content[start : int(self.ends[row])].tobytes())

    def chosen(self, rows: NDArray[np.int64]) -> "StoredNames":
        """The names at these places (n,)."""
        return StoredNames(self.content, self.ends, rows if self._rows is None else self._rows[rows])
