"""One line of progress on standard error, for commands that may take long."""

import sys
import time
from typing import Self

from pipeline.engine.terminal_line import TerminalLine
from pipeline.formatting import how_far


class ExportLine:
    """A `pipeline.runs.exporting.progress.ExportProgress`. Shows nothing of what is done within a second."""

    def __enter__(self) -> Self:
        self._line = TerminalLine(sys.stderr, 0.1, 2.0, last=time.monotonic() + 1.0)
        self._shown = False
        return self

    def __exit__(self, *_: object) -> None:
        if self._shown:
            self._line.end()

    def __call__(self, doing: str, done: int, total: int) -> None:
        """Show the progress, not more often than people can read it."""
        if self._line.due:
            self._line.write(how_far(doing, done, total))
            self._shown = True
