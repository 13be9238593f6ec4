"""Things that Streamlit 1.67 lacks: slots with a fixed position, escaping of text, safe page switches and polling."""

import time

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.components.shell.crowd import doublings, slowed
from pages.components.shell.escaping import escape as escape
from pages.components.shell.state import runs_in_other_processes, store, trainer, usable_store
from pipeline.errors.base import GenscopeError
from pipeline.runtime.messages.snapshot import Snapshot
from pipeline.studio.run import history

QUIET_SECONDS = 0.25
"""Time for the browser to stop polling: a round trip with a margin."""
POLL_SECONDS = 1.0
CHART_SECONDS = 3.0
LOOSE_SECONDS = 10.0
"""Polling intervals of charts, and of what changes slowly or is redrawn with a change of the state anyway."""
STATE_SECONDS = 0.5
"""Polling interval of the state. Another user's action should show within two seconds, including the time to draw the
page."""

StateMark = tuple[int | str, ...]


def slot() -> DeltaGenerator:
    """A container that counts as one element regardless of its content, and takes no space while it is empty.

    Streamlit's front end identifies elements by position. An element that appears shifts the ones below it, which are
    then unmounted and created again: charts flicker, and the memory of a chart is not freed.
    """
    return st.container()


def request_page(page: str, **query: str) -> None:
    """For a callback: switch to `page` on the next page run."""
    st.session_state.to_leave = (page, query)


def switch_if_requested() -> None:
    """Do the switch that `request_page` recorded. Every page calls this before it draws any fragment that polls.

    This works around a race: `st.switch_page` while a fragment polls breaks the front end ("Bad delta path index"),
    because a poll that the browser sent before the switch reached it is still answered for the old page. So the page is
    first run without any fragment, which stops the polling. Links and the menu do not need this: there the browser
    itself stops polling.
    """
    if "to_leave" in st.session_state:
        page, query = st.session_state.pop("to_leave")
        time.sleep(QUIET_SECONDS)
        st.switch_page(page, query_params=query)


def while_busy(snapshot: Snapshot, seconds: float = POLL_SECONDS) -> float | None:
    """`run_every` of a fragment that shows changing numbers; None while nothing changes. A run that is being prepared
    may be ready at any moment, and the user waits for its buttons. Many open browsers poll less often each."""
    if not snapshot.busy:
        return None
    return min(seconds, STATE_SECONDS) if snapshot.state == "building" else slowed(seconds)


def mark_of(run: str = "") -> StateMark:
    """A value that changes when a page about this run, or about all runs if "", has to be redrawn. It ignores numbers
    that change with every step."""
    snapshot = trainer().snapshot
    mark = (*snapshot.mark, doublings())
    if not run:
        return (*mark, *(record.id for record in runs_in_other_processes()))
    return mark if snapshot.run == run else (*mark, *history.stored_mark(store(), run))


def follow_state(mark: StateMark, run: str = "") -> None:
    """A fragment that calls `rerun_if_changed` twice a second, with many open browsers at least every two seconds, and
    draws nothing."""
    st.fragment(rerun_if_changed, run_every=min(2.0, slowed(STATE_SECONDS)))(mark, run)


def rerun_if_changed(mark: StateMark, run: str = "") -> None:
    """Rerun the page if `mark_of(run)` is no longer `mark`, its value when the page was drawn; and if the database can
    no longer be used, which the page then says."""
    try:
        usable_store()
    except GenscopeError:
        st.rerun()
    if mark_of(run) != mark:
        st.rerun()
