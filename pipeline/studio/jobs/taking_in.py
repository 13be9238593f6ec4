"""Take in what jobs on other machines have recorded, in a thread, while pages are looked at."""

import threading
import time
from contextlib import suppress

from pipeline.errors.base import GenscopeError
from pipeline.launch.jobs import jobs_folder
from pipeline.runs.remote.taking_in import take_in
from pipeline.runs.store import Store

EVERY_SECONDS = 2.0
_LONGEST_SECONDS = 30.0


class TakingIn:
    """Takes in now and then. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._began = float("-inf")
        self._thread: threading.Thread | None = None

    def soon(self, store: Store) -> None:
        """Take in what is there, in another thread, unless that was done a moment ago. Never waits."""
        with self._lock:
            early = time.monotonic() - self._began < EVERY_SECONDS
            if early or (self._thread is not None and self._thread.is_alive()):
                return
            self._began = time.monotonic()
            if not jobs_folder(store.home).is_dir():
                return
            self._thread = threading.Thread(target=_take_in, args=(store,), name="genscope-jobs", daemon=True)
            self._thread.start()


def _take_in(store: Store) -> None:
    # A home that cannot be read shows on the page; what is left is taken in next time.
    with suppress(GenscopeError):
        take_in(store, _LONGEST_SECONDS)


TAKING_IN = TakingIn()
"""That of this process."""
