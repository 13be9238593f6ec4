"""A lock between processes: one lists or packs a source, the others wait for what it makes."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.data.progress import ReadProgress

LOOK_SECONDS = 0.2
"""Time between two tries; progress, which may raise to stop the wait, is reported as often."""

WAITING = "Waiting for another process that reads these images"


@contextmanager
def one_at_a_time(path: Path, progress: ReadProgress) -> Iterator[None]:
    """Hold the lock of this file, which is made if it is missing. The system frees it when a process ends, however.

    Without a lock where the folder cannot be written to: what is made there is not kept either. Raises what `progress`
    raises to stop the wait.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError:
        yield
        return
    try:
        while not _taken(descriptor):
            progress(WAITING, 0, 1)
            time.sleep(LOOK_SECONDS)
        yield
    finally:
        os.close(descriptor)


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        # A file system without locks, such as some network mounts: two processes then do the same work.
        return True
    return True
