"""How far the reading of a data set has come, in a line on standard error; and its end, when the process is told to."""

import shutil
import time
from typing import TextIO

from pipeline.engine.stop_signals import Stop
from pipeline.errors.data import ReadingStopped

SECONDS_BETWEEN_LINES = 2.0
"""Where the line cannot be rewritten: in a file, in a pipe."""

SECONDS_ON_A_TERMINAL = 0.1


class ReadingLine:
    """A `pipeline.data.progress.ReadProgress`. What comes from an earlier time in one go is not worth a line."""

    def __init__(self, stream: TextIO, stop: Stop) -> None:
        self._stream = stream
        self._stop = stop
        self._terminal = stream.isatty()
        self._last = 0.0
        self._begun = False

    def __call__(self, doing: str, done: int, total: int) -> None:
        """Raises ReadingStopped once the process was told to stop."""
        if self._stop.asked():
            raise ReadingStopped(doing, done, total, self._stop.exit_code)
        complete = done == total
        pause = SECONDS_ON_A_TERMINAL if self._terminal else SECONDS_BETWEEN_LINES
        if not (self._begun if complete else time.monotonic() - self._last > pause):
            return
        self._last = time.monotonic()
        self._begun = not complete
        line = f"{doing} {done:,} of {total:,}"
        if self._terminal:
            width = shutil.get_terminal_size().columns - 1
            self._stream.write(f"\r{line[:width]}\x1b[K" + ("\n" if complete else ""))
        else:
            self._stream.write(f"{line}\n")
        self._stream.flush()
