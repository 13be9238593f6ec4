"""Jobs on this machine: whether one still runs, and ending it. A job is known by the process that starts its tasks."""

import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psutil

from pipeline.errors.launch import NotCancelled
from pipeline.launch.jobs import Job

_CLOCK_SECONDS = 60.0
"""How far a process's start may seem to shift: it is computed from the clock, which may have been adjusted."""


def runs_elsewhere(job: Job) -> bool:
    """Whether the job runs on another machine, of which nothing is known here."""
    return bool(job.note("queued").get("host", socket.gethostname()) != socket.gethostname())


def is_running(job: Job) -> bool:
    """Whether the job's process runs on this machine."""
    return _process(job) is not None


def end(job: Job) -> None:
    """Tell the job's tasks to stop: the leader saves first. Raises NotCancelled."""
    if runs_elsewhere(job):
        raise NotCancelled(job.id, f"it was started on {job.note('queued')['host']}", "Cancel it there")
    process = _process(job)
    if process is None:
        raise NotCancelled(job.id, "its process has ended", "Its logs may say why")
    try:
        # It hands the signal on to its tasks, and ends with them.
        os.kill(process.pid, signal.SIGTERM)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise NotCancelled(job.id, reason, f"End process {process.pid} by hand") from error


@contextmanager
def stopped_with_its_controller(seconds: float = 5.0, leave: Callable[[int, int], object] = os.kill) -> Iterator[None]:
    """A context in which this task is told to stop, upon which it saves, if the process that started it is gone: a job
    is ended by that process, so a task that outlived it would train on with nobody to cancel it.

    seconds: between two looks. leave: as `os.kill`.
    """
    parent, ended = os.getppid(), threading.Event()

    def look() -> None:
        while not ended.wait(seconds):
            if os.getppid() != parent:
                leave(os.getpid(), signal.SIGTERM)
                return

    threading.Thread(target=look, name="genscope-controller", daemon=True).start()
    try:
        yield
    finally:
        ended.set()


def _process(job: Job) -> psutil.Process | None:
    """The job's process; None if it has ended, though its number may have been given to another since."""
    noted = job.note("queued")
    try:
        number, began = int(noted["id"]), float(noted["began"])
        process = psutil.Process(number)
        if process.status() == psutil.STATUS_ZOMBIE or abs(process.create_time() - began) > _CLOCK_SECONDS:
            return None
        return process
    except (KeyError, ValueError, TypeError, psutil.Error):
        return None
