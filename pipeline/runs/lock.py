"""The lock of a run: a file in the run's folder that names the process that trains it.

The file exists as long as the run, and is empty while no process holds the lock. It is only read and written under an
flock, held for that moment, so that of two processes that find a dead holder exactly one replaces it. A holder is
identified by host, process id and start time, since process ids are reused.
"""

import fcntl
import json
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from types import TracebackType
from typing import IO, Self

import psutil

from pipeline.errors.runs import RunLocked
from pipeline.runs.atomic_files import os_errors_as_refusals
from pipeline.runs.files import RunFiles

_CLOCK_SECONDS = 60.0
"""How far a process's start time may seem to shift: it is computed from the clock, which may have been adjusted."""


@dataclass(frozen=True)
class Holder:
    """The process that a lock names. started: seconds since 1970, None if the file does not have it. goal: the step at
    which it will pause; None if that is the planned end of the run."""

    pid: int
    host: str
    started: float | None = None
    goal: int | None = None

    @property
    def alive(self) -> bool:
        """Whether the process is still running; a process on another host is assumed to be."""
        if self.host != socket.gethostname():
            return True
        try:
            process = psutil.Process(self.pid)
            # A zombie has ended; its parent just has not collected it yet.
            if process.status() == psutil.STATUS_ZOMBIE:
                return False
            return self.started is None or abs(process.create_time() - self.started) < _CLOCK_SECONDS
        except psutil.NoSuchProcess:
            return False
        except psutil.AccessDenied:
            return True


def holder(files: RunFiles) -> Holder | None:
    """The process that the lock names, alive or dead (then the lock is stale); None if the lock is free.

    Raises CannotWrite if this user may not access the lock.
    """
    lock = files.lock
    with os_errors_as_refusals(lock):
        try:
            with lock.open("r+") as file, _flocked(file):
                return _read(file)
        except FileNotFoundError:
            return None


def free(files: RunFiles, pid: int, host: str) -> None:
    """Release the lock if this process holds it, which is known to have ended: of one on another host, nobody else can
    tell. Raises CannotWrite."""
    _replace(files, pid, host, None)


def aim(files: RunFiles, goal: int | None) -> None:
    """Let others know at which step this process, which holds the lock, will pause. goal: as in Holder. Raises
    CannotWrite."""
    _replace(files, os.getpid(), socket.gethostname(), lambda holder: replace(holder, goal=goal))


class RunLock:
    """Context manager that holds a run: `with RunLock(files): train`. Raises RunLocked if another process holds it."""

    def __init__(self, files: RunFiles) -> None:
        self._files = files

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    def acquire(self) -> None:
        """Take the lock, also from a dead process. Raises RunLocked (also if this process already holds it),
        CannotWrite."""
        self._files.make()
        me = Holder(os.getpid(), socket.gethostname(), psutil.Process().create_time())
        lock = self._files.lock
        with os_errors_as_refusals(lock), lock.open("a+") as file, _flocked(file):
            other = _read(file)
            if other is not None and other.alive:
                raise RunLocked(self._files.run, other.pid, other.host)
            file.truncate(0)
            json.dump(asdict(me), file)

    def release(self) -> None:
        """Release the lock if this process holds it."""
        free(self._files, os.getpid(), socket.gethostname())


def _replace(files: RunFiles, pid: int, host: str, new: Callable[[Holder], Holder] | None) -> None:
    """If this process holds the lock, have it name what `new` makes of the holder; None to release it."""
    lock = files.lock
    with os_errors_as_refusals(lock):
        try:
            with lock.open("r+") as file, _flocked(file):
                current = _read(file)
                if current is not None and (current.pid, current.host) == (pid, host):
                    file.seek(0)
                    file.truncate(0)
                    if new is not None:
                        json.dump(asdict(new(current)), file)
        except FileNotFoundError:
            return


@contextmanager
def _flocked(file: IO[str]) -> Iterator[None]:
    fcntl.flock(file, fcntl.LOCK_EX)
    try:
        yield
    finally:
        file.flush()
        fcntl.flock(file, fcntl.LOCK_UN)


def _read(file: IO[str]) -> Holder | None:
    file.seek(0)
    try:
        found = json.load(file)
        return Holder(int(found["pid"]), str(found["host"]), found.get("started"), found.get("goal"))
    except (ValueError, TypeError, KeyError, AttributeError):
        # Empty, or not written by Genscope: it names no process that could be asked to release it.
        return None
