"""What the tasks of a job have printed last."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pipeline.launch.jobs import Job

LINES = 40
MOST_TASKS = 8
_BYTES, _BYTES_OF_LINE = 65_536, 256
"""Read from a log's end: so many bytes, and for many lines so many for each. A line without an end must not fill the
memory."""


@dataclass(frozen=True)
class Log:
    """The end of one task's output. lines: without line ends; () if it has printed nothing, or not begun."""

    task: int
    stream: Literal["stdout", "stderr"]
    lines: tuple[str, ...]


def logs_of(job: Job, lines: int = LINES) -> list[Log]:
    """The last lines of standard error and standard output of each task, the first `MOST_TASKS` of them. Standard error
    comes first: it has the progress and what went wrong."""
    number = str(job.note("queued").get("id", ""))
    found = []
    for task in range(min(job.processes, MOST_TASKS)):
        found += [
            Log(task, "stderr", _end(job.path / f"{number}_{task}_log.err", lines)),
            Log(task, "stdout", _end(job.path / f"{number}_{task}_log.out", lines)),
        ]
    return found


def _end(path: Path, lines: int) -> tuple[str, ...]:
    most = max(_BYTES, _BYTES_OF_LINE * lines)
    try:
        with path.open("rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - most))
            text = file.read(most).decode(errors="replace")
    except OSError:
        return ()
    # Of a progress line, which is written over, only what it said last.
    return tuple(line.rsplit("\r", 1)[-1] for line in text.rstrip("\n").split("\n")[-lines:] if line.strip())
