"""The log for TensorBoard of the run being trained.

Each time that a run is loaded, it begins a file. That of a resumed run says that everything after the step from which
it goes on is void, so that TensorBoard shows what the store has. Behind the head of a run nothing is recorded, and so
nothing is logged; a fork has a log of its own.
"""

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from math import isnan
from pathlib import Path

from pipeline import VERSION
from pipeline.errors.base import GenscopeError
from pipeline.errors.machine import MissingPackage
from pipeline.formatting import shortened
from pipeline.runs.event_files import texts
from pipeline.runs.event_files.event_log import EventLog
from pipeline.runs.event_files.stored_run import SAMPLES, folder_name
from pipeline.runs.files import RunFiles
from pipeline.runs.metrics import SECONDS
from pipeline.runs.store import EventKind, RunRecord
from pipeline.training.parts import LogPart
from pipeline.training.step_metrics import Slice

IN_RUN = "tensorboard"
"""The folder of a log in its run's folder."""

Say = Callable[[EventKind, str, str], None]


class RunLog:
    """Writes after each slice. It never raises what writing raises: an event of the run says it once, and the log ends
    until the run is loaded again."""

    def __init__(self, part: LogPart | None, record: RunRecord, files: RunFiles, step: int, say: Say) -> None:
        """part: None for a run that has no log. step: from which the run goes on. say: records an event."""
        self._every = part.every if part else 0
        self._say = say
        self._unsaid = ""
        self._log: EventLog | None = None
        if part is not None:
            with self._unharmed():
                folder = _folder(part, record, files)
                folder.mkdir(parents=True, exist_ok=True)
                self._log = self._begin(folder, record, step)

    def steps(self, new: Slice) -> None:
        """Write the metrics of the steps that are due, and whatever waits."""
        log = self._log
        if log is None:
            self._say_unsaid()
            return
        with self._unharmed():
            elapsed, now = new.values[:, new.names.index(SECONDS)], time.time()
            for row in range(-(new.first_step) % self._every, new.steps, self._every):
                # The metrics arrive when the slice has ended; each step has its own time.
                at = now - float(elapsed[-1] - elapsed[row])
                log.scalars(new.first_step + row, at, _numbers(zip(new.names, new.values[row].tolist(), strict=True)))
            log.flush()

    def measured(self, step: int, values: Mapping[str, float]) -> None:
        """Write what was measured after a step."""
        if self._log is not None:
            with self._unharmed():
                self._log.scalars(step, time.time(), _numbers(values.items()))
                self._log.flush()

    def grid(self, step: int, png: bytes) -> None:
        """Write the sample grid of a step; nothing if there is none."""
        if self._log is not None and png:
            with self._unharmed():
                self._log.image(SAMPLES, step, time.time(), png)
                self._log.flush()

    def _begin(self, folder: Path, record: RunRecord, step: int) -> EventLog:
        """Begin a file that TensorBoard reads after those before it: by their names."""
        before = sorted(folder.glob("events.out.tfevents.*"))
        now = time.time()
        stamp = max(int(now), *(_stamp(path) + 1 for path in before)) if before else int(now)
        path = folder / f"events.out.tfevents.{stamp:010d}.genscope.{os.getpid()}"
        log = EventLog(path, now, purge_from=step + 1 if before else None)
        if not before:
            log.text("run", step, now, texts.facts_text(record, VERSION))
            log.text("workflow", step, now, texts.workflow_text(record))
            log.hyperparameters(record.id, record.created, texts.parameters(record))
        log.flush()
        return log

    @contextmanager
    def _unharmed(self) -> Iterator[None]:
        """Context after which training goes on, even if the log cannot be written."""
        try:
            yield
        except (OSError, RuntimeError, MissingPackage) as error:
            # RuntimeError: the home of a user who does not exist.
            self._log = None
            reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
            self._unsaid = (
                f"The log for TensorBoard cannot be written ({shortened(reason, 200)}). Training goes on without it; "
                "resume the run to log it again."
            )
            self._say_unsaid()

    def _say_unsaid(self) -> None:
        """Record the event; later, if the disk has no room for that either."""
        if self._unsaid:
            with suppress(GenscopeError):
                self._say("log failed", self._unsaid, "")
                self._unsaid = ""


def _folder(part: LogPart, record: RunRecord, files: RunFiles) -> Path:
    """The folder of the run's log; one that it has already, even if the run was renamed."""
    if not part.folder:
        return files.folder / IN_RUN
    folder = files.home / Path(part.folder).expanduser()
    return next(folder.glob(f"*{record.id}"), folder / folder_name(record.name, record.id))


def _stamp(path: Path) -> int:
    """The time in the name of an event file; 0 for another file."""
    stamp = path.name.split(".")[3]
    return int(stamp) if stamp.isdecimal() else 0


def _numbers(values: Iterable[tuple[str, float]]) -> dict[str, float]:
    """Without NaN, which stands for a value that was not measured."""
    return {name: value for name, value in values if not isnan(value)}
