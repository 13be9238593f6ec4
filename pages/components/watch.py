"""Keeps a page true while others act: a small part of it looks once a second, and draws the page anew when need be."""

import streamlit as st

from pages.components.state import trainer
from pipeline.runtime.messages import Snapshot

SECONDS = 1.0


def while_busy(seen: Snapshot, seconds: float = SECONDS) -> float | None:
    """`run_every` of a fragment that shows moving numbers: None while nothing moves."""
    return seconds if seen.busy else None


@st.fragment(run_every=SECONDS)
def follow_state(mark: tuple[int, int, str]) -> None:
    """Draws the page anew once the trainer's state is no longer the one that the page was drawn from."""
    if trainer().snapshot.mark != mark:
        st.rerun()
