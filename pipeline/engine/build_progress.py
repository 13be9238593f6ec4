"""What browsers see while a run is prepared, and how it is stopped."""

import time
from collections.abc import Callable

from pipeline.errors.data import ReadingStopped

SECONDS = 0.3
"""From one word to the next: more often nobody can read it."""


class Preparing:
    """The progress of a run's images. tell: is told in words. stopping: whether somebody has said to end it."""

    def __init__(self, tell: Callable[[str], None], stopping: Callable[[], bool]) -> None:
        self._tell = tell
        self._stopping = stopping
        self._last = 0.0

    def __call__(self, doing: str, done: int, total: int) -> None:
        """Raises ReadingStopped."""
        if self._stopping():
            raise ReadingStopped(doing, done, total)
        if time.monotonic() - self._last > SECONDS:
            self._last = time.monotonic()
            self._tell(f"{doing} {done:,} of {total:,}")
