"""Keeps a page true while others act: a small part of it looks often, and draws the page anew when need be."""

import streamlit as st

from pages.components.shell.state import moving_elsewhere, store, trainer
from pipeline.runtime.messages import Snapshot
from pipeline.studio.run import history

SECONDS = 1.0
STATE_SECONDS = 0.5
"""From one look at the state to the next. What another did is to show within two seconds, and drawing takes time."""
StateMark = tuple[int | str, ...]


def while_busy(seen: Snapshot, seconds: float = SECONDS) -> float | None:
    """`run_every` of a fragment that shows moving numbers: None while nothing moves."""
    return seconds if seen.busy else None


def mark_of(run: str = "") -> StateMark:
    """Differs once a page about this run has to be drawn anew, numbers apart; without one, a page about all of them."""
    now = trainer().snapshot
    if not run:
        return (*now.mark, *(record.id for record in moving_elsewhere()))
    return now.mark if now.run == run else (*now.mark, *history.stored_mark(store(), run))


@st.fragment(run_every=STATE_SECONDS)
def follow_state(mark: StateMark, run: str = "") -> None:
    """A part of the page that does nothing but `rerun_if_changed`, twice a second."""
    rerun_if_changed(mark, run)


def rerun_if_changed(mark: StateMark, run: str = "") -> None:
    """Draws the page anew once the state is no longer the one that it was drawn from: `mark_of` this run was `mark`."""
    if mark_of(run) != mark:
        st.rerun()
