"""Takes in what remote workers record, every second, in a thread: curves grow on all pages, and none waits for it."""

import threading
from contextlib import suppress

from pipeline.errors.base import GenscopeError
from pipeline.runs.remote.taking_in import take_in
from pipeline.runs.store import Store

SECONDS = 1.0
"""Between two looks, each of which reads a folder for every job."""


class TakingIn:
    """A thread that takes in the files of all jobs of a home until `close`. What goes wrong with a job stays in its
    folder (`JobFolder.sentences`); what cannot be written now is taken in later."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._work, name="genscope-taking-in", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the thread, after the transaction that it is in."""
        self._closed.set()
        self._thread.join()

    def _work(self) -> None:
        while not self._closed.wait(SECONDS):
            with suppress(GenscopeError):
                take_in(self._store, SECONDS)
