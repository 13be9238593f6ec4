"""Keeps a page true while others act: a small part of it looks often, and draws the page anew when need be."""

import streamlit as st

from pages.components.state import trainer
from pipeline.runtime.messages import Snapshot

SECONDS = 1.0
STATE_SECONDS = 0.5
"""From one look at the state to the next. What another did is to show within two seconds, and drawing takes time."""
Mark = tuple[int, int, str]
"""`Snapshot.mark`."""


def while_busy(seen: Snapshot, seconds: float = SECONDS) -> float | None:
    """`run_every` of a fragment that shows moving numbers: None while nothing moves."""
    return seconds if seen.busy else None


@st.fragment(run_every=STATE_SECONDS)
def follow_state(mark: Mark) -> None:
    """A part of the page that does nothing but `rerun_if_changed`, twice a second."""
    rerun_if_changed(mark)


def rerun_if_changed(mark: Mark) -> None:
    """Draws the page anew once the trainer's state is no longer the one that the page was drawn from."""
    if trainer().snapshot.mark != mark:
        st.rerun()
