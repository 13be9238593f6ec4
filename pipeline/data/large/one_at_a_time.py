"""A lock between processes: one lists, reads or packs a source, the others wait for what it makes."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pipeline.data.progress import ReadProgress

LOOK_SECONDS = 0.2
"""Time between two tries; progress, which may raise to stop the wait, is reported as often."""

WAITING = "Waiting for another process that reads these images"


@contextmanager
def one_at_a_time(path: Path, progress: ReadProgress) -> Iterator[None]:
    """Hold the lock of this file, which exists only meanwhile. The system frees it when a process ends, however.

    Without a lock where the folder cannot be written to: what is made there is not kept either. Raises what `progress`
    raises to stop the wait.
    """
    made = not path.parent.exists()
    descriptor = _taken(path)
    while descriptor == BUSY:
        progress(WAITING, 0, 0)
        time.sleep(LOOK_SECONDS)
        descriptor = _taken(path)
    try:
        yield
    finally:
        if descriptor != NO_LOCK:
            # Deleted while it is held: whoever waits for this file finds that it is gone, and makes another.
            with suppress(OSError):
                path.unlink()
            os.close(descriptor)
        if made:
            with suppress(OSError):
                path.parent.rmdir()


BUSY, NO_LOCK = -1, -2


def _taken(path: Path) -> int:
    """The descriptor of the locked file, BUSY if another process has it, NO_LOCK where none can be made."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError:
        return NO_LOCK
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.fstat(descriptor).st_ino == path.stat().st_ino:
            return descriptor
    except (BlockingIOError, FileNotFoundError):
        pass
    except OSError:
        # A file system without locks, such as some network mounts: two processes then do the same work.
        os.close(descriptor)
        return NO_LOCK
    os.close(descriptor)
    return BUSY
