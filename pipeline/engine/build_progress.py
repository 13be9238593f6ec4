"""Progress messages while a run or its next step is being prepared, and their cancellation."""

import time
from collections.abc import Callable

from pipeline.errors.data import ReadingStopped
from pipeline.formatting import how_far

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
            self._tell(how_far(doing, done, total))


class PreparingStep:
    """Progress callback for what a step needs before it begins. tell: receives the messages, "" at the end.

    stopping: whether there is something else to do first, such as a command.
    """

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._last = -SECONDS
        self.stopping: Callable[[], bool] = lambda: False

    def __call__(self, doing: str, done: int, total: int) -> None:
        """Raise ReadingStopped if something else has to be done first."""
        if done >= total:
            self._tell("")
        elif self.stopping():
            raise ReadingStopped(doing, done, total)
        elif time.monotonic() - self._last > SECONDS:
            self._last = time.monotonic()
            self._tell(how_far(doing, done, total))
