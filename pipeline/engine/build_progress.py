"""Progress messages while a run is being prepared, and its cancellation."""

import time
from collections.abc import Callable

from pipeline.errors.data import ReadingStopped

SECONDS = 0.3
"""Minimum time between messages; more frequent ones are unreadable."""


class Preparing:
    """Progress callback for reading a run's images. tell: receives the messages. stopping: whether to cancel."""

    def __init__(self, tell: Callable[[str], None], stopping: Callable[[], bool]) -> None:
        self._tell = tell
        self._stopping = stopping
        self._last = 0.0

    def __call__(self, doing: str, done: int, total: int) -> None:
        """Raise ReadingStopped if cancelled."""
        if self._stopping():
            raise ReadingStopped(doing, done, total)
        if time.monotonic() - self._last > SECONDS:
            self._last = time.monotonic()
            self._tell(f"{doing} {done:,} of {total:,}")
