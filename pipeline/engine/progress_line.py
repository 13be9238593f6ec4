"""How a run comes along, in one line on standard error."""

import shutil
import time
from collections.abc import Mapping
from typing import TextIO

from pipeline.formatting import number, remaining

SECONDS_BETWEEN_LINES = 10.0
"""Where the line cannot be rewritten: in a file, in a pipe."""


class ProgressLine:
    """Rewritten in place on a terminal; elsewhere a new line every ten seconds.

    goal: the step at which training ends. batch_size: images a step.
    """

    def __init__(self, stream: TextIO, goal: int, batch_size: int) -> None:
        self._stream = stream
        self._goal = goal
        self._batch_size = batch_size
        self._terminal = stream.isatty()
        self._last = time.monotonic()

    def show(self, step: int, metrics: Mapping[str, float]) -> None:
        """Tells the step, the speed, the losses and the time left, if it is time to."""
        if self._terminal:
            width = shutil.get_terminal_size().columns - 1
            self._stream.write(f"\r{self._line(step, metrics)[:width]}\x1b[K")
        elif time.monotonic() - self._last > SECONDS_BETWEEN_LINES:
            self._last = time.monotonic()
            self._stream.write(self._line(step, metrics) + "\n")
        self._stream.flush()

    def end(self) -> None:
        """Leaves the line as it stands; what is written next gets a line of its own."""
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
