"""One-line progress on standard error, of a run or of reading a data set."""

import math
import shutil
import time
from collections.abc import Mapping, Sequence
from typing import TextIO

from pipeline.engine.stop_signals import Stop
from pipeline.errors.data import ReadingStopped
from pipeline.formatting import how_far, number, remaining, visible
from pipeline.nodes.phases import Phase, phase_at


class TerminalLine:
    """A line that is rewritten in place on a terminal, and written as a new line in a file or a pipe.

    seconds_on_terminal, seconds_between_lines: the shortest time between two writes, on a terminal and elsewhere.
    """

    def __init__(self, stream: TextIO, seconds_on_terminal: float, seconds_between_lines: float, last: float) -> None:
        self._stream = stream
        self._terminal = stream.isatty()
        self._pause = seconds_on_terminal if self._terminal else seconds_between_lines
        self._last = last

    @property
    def due(self) -> bool:
        """Whether enough time has passed since the last write."""
        return time.monotonic() - self._last > self._pause

    def write(self, text: str, *, complete: bool = False) -> None:
        """Write the text, cut to the terminal's width. complete: nothing will rewrite it."""
        self._last = time.monotonic()
        text = visible(text)
        if self._terminal:
            width = shutil.get_terminal_size().columns - 1
            self._stream.write(f"\r{text[:width]}\x1b[K" + ("\n" if complete else ""))
        else:
            self._stream.write(f"{text}\n")
        self._stream.flush()

    def end(self) -> None:
        """Leave the line as it is and start a new one."""
        if self._terminal:
            self._stream.write("\n")
            self._stream.flush()


class ProgressLine:
    """The progress of a run; in a file or a pipe, a new line every ten seconds.

    goal: the step at which training ends. batch_size: images per step. phases: of the training.
    """

    def __init__(self, stream: TextIO, goal: int, batch_size: int, phases: Sequence[Phase] = ()) -> None:
        self._line = TerminalLine(stream, 0.0, 10.0, last=time.monotonic())
        self._goal = goal
        self._phases = phases
        self._batch_size = batch_size

    def show(self, step: int, metrics: Mapping[str, float]) -> None:
        """Show the step, the speed, the time left and the losses; rate-limited unless on a terminal."""
        if self._line.due:
            self._line.write(self._text(step, metrics))

    def say(self, sentence: str) -> None:
        """Write a sentence that stays."""
        self._line.write(sentence, complete=True)

    def end(self) -> None:
        """Leave the line as it is and start a new one."""
        self._line.end()

    def _text(self, step: int, metrics: Mapping[str, float]) -> str:
        parts = [f"step {step:,} of {self._goal:,}"]
        phase = phase_at(self._phases, step)
        of_phase = phase is not None and phase.last is not None and phase.last < self._goal
        goal = phase.last if phase is not None and phase.last is not None and of_phase else self._goal
        if phase is not None:
            parts.append(phase.place(step, self._goal))
        speed = metrics.get("images_per_second", 0.0)
        if speed > 0:
            parts.append(f"{number(speed)} images/s")
        if speed > 0 and step < goal:
            in_phase = " in this phase" if of_phase else ""
            parts.append(f"{remaining((goal - step) * self._batch_size / speed)} left{in_phase}")
        # A loss of another phase is a gap.
        losses = {name: each for name, each in metrics.items() if name.endswith("loss") and not math.isnan(each)}
        parts += [f"{name} {number(value)}" for name, value in losses.items()]
        return " · ".join(parts)


class ReadingLine:
    """A `pipeline.data.progress.ReadProgress`. Prints nothing if everything comes from the cache at once."""

    def __init__(self, stream: TextIO, stop: Stop) -> None:
        self._line = TerminalLine(stream, 0.1, 2.0, last=0.0)
        self._stop = stop
        self._begun = False
        self._text = ""

    def __call__(self, doing: str, done: int, total: int) -> None:
        """Show the progress. Raises ReadingStopped after a stop signal."""
        if self._stop.asked():
            raise ReadingStopped(doing, done, total, self._stop.exit_code)
        complete = 0 < total == done
        if not (self._begun if complete else self._line.due):
            return
        text, self._begun = how_far(doing, done, total), not complete
        if text != self._text:
            # In a log, waiting long is one line.
            self._text = text
            self._line.write(text, complete=complete)
