"""The queue's last answer, asked for in a thread: no page waits for a queue, and many browsers ask it once."""

import threading
import time

from pipeline.launch import slurm
from pipeline.launch.states import Rows

FRESH_SECONDS = 5.0


class QueueWatch:
    """What Slurm last said about this user's jobs."""

    def __init__(self) -> None:
        self._rows: Rows = None
        self._asked = float("-inf")
        self._lock = threading.Lock()
        self._asking: threading.Thread | None = None

    def rows(self) -> Rows:
        """The last answer, at once; None if there is none. An old one is asked for again meanwhile."""
        with self._lock:
            old = time.monotonic() - self._asked > FRESH_SECONDS
            if old and (self._asking is None or not self._asking.is_alive()):
                self._asking = threading.Thread(target=self._ask, name="genscope-squeue", daemon=True)
                self._asking.start()
            return self._rows

    def _ask(self) -> None:
        found = slurm.queue()
        with self._lock:
            self._rows, self._asked = found, time.monotonic()


WATCH = QueueWatch()
"""That of this process."""
