"""Long work on files, in a thread: the page shows how far it is, with a button that stops it."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from threading import Event
from typing import Generic, TypeVar

import streamlit as st

from pages.components.shell.streamlit_gaps import escape
from pipeline.formatting import how_far
from pipeline.runs.exporting.progress import ExportProgress

Result = TypeVar("Result")
WORKERS = ThreadPoolExecutor(2, "genscope-files")
"""Few, because what they do takes time from all browsers."""
LOOK_SECONDS = 0.5
SOON_SECONDS = 0.6
"""Most work is done within this time, and no progress is shown."""


class WorkStopped(Exception):
    """The user has stopped the work."""


class Work(Generic[Result]):
    """Work under way. answer: its result, or what it raised: a GenscopeError, or WorkStopped."""

    def __init__(self, do: Callable[[ExportProgress], Result]) -> None:
        """do: is called in a thread, with a callback for its progress."""
        self._stop = Event()
        self._doing, self._share = "Waiting", 0.0
        self.answer: Future[Result] = WORKERS.submit(do, self._tell)

    @property
    def done(self) -> bool:
        return self.answer.done()

    def stop(self) -> None:
        """Stop it; it leaves nothing."""
        self._stop.set()
        self.answer.cancel()

    def _tell(self, doing: str, done: int, total: int) -> None:
        if self._stop.is_set():
            raise WorkStopped
        self._doing, self._share = how_far(doing, done, total), min(1.0, done / max(1, total))

    def show(self, key: str) -> bool:
        """Show the progress until the work is done, and then draw the page again. Return whether it is done. key: of
        the button that stops it."""
        wait([self.answer], 0 if self._share else SOON_SECONDS)
        if not self.done:
            st.fragment(self._draw, run_every=LOOK_SECONDS)(key)
        return self.done

    def _draw(self, key: str) -> None:
        if self.done:
            st.rerun()
        st.progress(self._share, text=escape(self._doing))
        st.button("Stop", key=key, icon=":material/stop:", on_click=self.stop)
