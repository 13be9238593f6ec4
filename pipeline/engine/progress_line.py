"""The progress of training, as one line on a terminal."""

import shutil
import time
from collections.abc import Mapping
from typing import TextIO

from pipeline.formatting import number, remaining

SECONDS_BETWEEN_LINES = 10.0
"""Used in a file or a pipe, where a line cannot be rewritten."""


class ProgressLine:
    """A progress line that is rewritten in place on a terminal; elsewhere, a new line every ten seconds.

    goal: the step at which training ends. batch_size: images per step.
    """

    def __init__(self, stream: TextIO, goal: int, batch_size: int) -> None:
        self._stream = stream
        self._goal = goal
        self._batch_size = batch_size
        self._terminal = stream.isatty()
        self._last = time.monotonic()

    def show(self, step: int, metrics: Mapping[str, float]) -> None:
        """Show the step, the speed, the time left and the losses; rate-limited unless on a terminal."""
        if self._terminal:
            width = shutil.get_terminal_size().columns - 1
            self._stream.write(f"\r{self._line(step, metrics)[:width]}\x1b[K")
        elif time.monotonic() - self._last > SECONDS_BETWEEN_LINES:
            self._last = time.monotonic()
            self._stream.write(self._line(step, metrics) + "\n")
        self._stream.flush()

    def end(self) -> None:
        """Leave the line as it is and start a new one."""
        if self._terminal:
            self._stream.write("\n")
            self._stream.flush()

    def _line(self, step: int, metrics: Mapping[str, float]) -> str:
        parts = [f"step {step:,} of {self._goal:,}"]
        speed = metrics.get("images_per_second", 0.0)
        if speed > 0:
            parts.append(f"{number(speed)} images/s")
        if speed > 0 and step < self._goal:
            parts.append(f"{remaining((self._goal - step) * self._batch_size / speed)} left")
        parts += [f"{name} {number(value)}" for name, value in metrics.items() if name.endswith("loss")]
        return " · ".join(parts)
