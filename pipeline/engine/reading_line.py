"""Show the progress of reading a data set as one line, and cancel the reading when the process is told to stop."""

import shutil
import time
from typing import TextIO

from pipeline.engine.stop_signals import Stop
from pipeline.errors.data import ReadingStopped

SECONDS_BETWEEN_LINES = 2.0
"""Used in a file or a pipe, where a line cannot be rewritten."""

SECONDS_ON_A_TERMINAL = 0.1


class ReadingLine:
    """A `pipeline.data.progress.ReadProgress`. Prints nothing if everything comes from the cache at once."""

    def __init__(self, stream: TextIO, stop: Stop) -> None:
        self._stream = stream
        self._stop = stop
        self._terminal = stream.isatty()
        self._last = 0.0
        self._begun = False

    def __call__(self, doing: str, done: int, total: int) -> None:
        """Show the progress. Raises ReadingStopped if the process was told to stop."""
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
