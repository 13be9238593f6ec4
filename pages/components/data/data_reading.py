"""Read a data set once for all browsers: show progress and a cancel button, and return the summary."""

import time

import streamlit as st

from pages.components.shell.notices import run_command
from pages.components.shell.state import drawing_engine
from pages.components.shell.streamlit_gaps import escape
from pipeline.data.sets import FACTS
from pipeline.data.summary import Summary
from pipeline.errors.base import GenscopeError
from pipeline.errors.training import CommandRefused
from pipeline.formatting import how_far
from pipeline.runs.home import home
from pipeline.studio.data import datasets
from pipeline.studio.data.datasets import DataChoice

SOON = 0.7
"""Seconds. Most sets are read within this time, and no progress is shown."""

LOOK_SECONDS = 0.5


class _NotYet(Exception):
    """Raised while there is no summary. key: identifies the reading of the set."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def summary_of(choice: DataChoice, version: str) -> Summary | None:
    """Return the summary of the set, or None if it has not been read.

    If it has not, show the progress and rerun the page at its end, or show why it is not being read, with a button to
    read it.
    """
    begin = not datasets.must_download(choice, home())
    try:
        with st.spinner("Reading the data set"):
            return _summary(choice, version, begin)
    except _NotYet as unread:
        if begin or datasets.reading_progress(drawing_engine().snapshot, unread.key):
            st.fragment(_progress, run_every=LOOK_SECONDS)(unread.key)
        else:
            _offer_download(choice, version)
    except GenscopeError as error:
        _say_unread(error, choice, version)
    return None


def read_again(choice: DataChoice, version: str) -> None:
    """For a button's callback: read the set again."""
    _summary.clear()
    datasets.read_set(drawing_engine(), choice, version, begin=True, again=True)


# Streamlit does not cache exceptions, so the next page run asks again.
@st.cache_resource(show_spinner=False, max_entries=50)
def _summary(choice: DataChoice, version: str, begin: bool) -> Summary:
    end = time.monotonic() + SOON
    while (found := datasets.read_set(drawing_engine(), choice, version, begin=begin)).summary is None:
        if not begin or time.monotonic() > end:
            raise _NotYet(found.key)
        time.sleep(0.05)
    return found.summary


def _progress(key: str) -> None:
    snapshot = drawing_engine().snapshot
    reading = datasets.reading_progress(snapshot, key)
    if reading is None or snapshot.engine == "gone":
        st.rerun()
    far = how_far(reading.doing, reading.done, reading.total)
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.progress(reading.done / reading.total if reading.total else 0.0, text=escape(far))
        st.button(
            "Cancel",
            key="stop_reading",
            icon=":material/stop:",
            help="Stops the reading for every browser that waits for this set. Images read so far are discarded.",
            on_click=run_command,
            args=(datasets.stop_reading, drawing_engine(), key),
        )


def _offer_download(choice: DataChoice, version: str) -> None:
    facts = FACTS[choice.source]
    with st.container(border=True):
        st.markdown(
            f"{escape(facts.title)}: {facts.train:,} training images and {facts.held_out:,} held-out images, "
            f"{facts.channels}×{facts.size}×{facts.size}. It is not on this machine yet."
        )
        _read_button("Download and read", ":material/download:", choice, version)


def _say_unread(error: GenscopeError, choice: DataChoice, version: str) -> None:
    if isinstance(error, CommandRefused) and error.kind == "ReadingStopped":
        st.warning("Reading was cancelled. The images read so far were discarded.", icon=":material/stop:")
    else:
        st.error(escape(str(error)), icon=":material/error:")
    _read_button("Read again", ":material/refresh:", choice, version)


def _read_button(label: str, icon: str, choice: DataChoice, version: str) -> None:
    st.button(label, key="read_set", icon=icon, on_click=run_command, args=(read_again, choice, version))
