"""Keep a page up to date while other users act: a small fragment polls and reruns the page when the state changes."""

import streamlit as st

from pages.components.shell.state import moving_elsewhere, store, trainer
from pipeline.runtime.messages.snapshot import Snapshot
from pipeline.studio.run import history

SECONDS = 1.0
STATE_SECONDS = 0.5
"""Polling interval. Another user's action should show within two seconds, including the time to draw the page."""
StateMark = tuple[int | str, ...]


def while_busy(seen: Snapshot, seconds: float = SECONDS) -> float | None:
    """`run_every` of a fragment that shows changing numbers; None while nothing changes."""
    return seconds if seen.busy else None


def mark_of(run: str = "") -> StateMark:
    """A mark that changes when a page about this run, or about all runs if "", has to be redrawn. Numbers that change
    with every step do not count."""
    now = trainer().snapshot
    if not run:
        return (*now.mark, *(record.id for record in moving_elsewhere()))
    return now.mark if now.run == run else (*now.mark, *history.stored_mark(store(), run))


@st.fragment(run_every=STATE_SECONDS)
def follow_state(mark: StateMark, run: str = "") -> None:
    """A fragment that calls `rerun_if_changed` twice a second and draws nothing."""
    rerun_if_changed(mark, run)


def rerun_if_changed(mark: StateMark, run: str = "") -> None:
    """Rerun the page if `mark_of(run)` is no longer `mark`, its value when the page was drawn."""
    if mark_of(run) != mark:
        st.rerun()
