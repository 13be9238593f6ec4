"""What this browser looks at on a film strip, and the page's address, which says the same: each follows the other.

The choice is kept in the session and written into the address by the callbacks. An address that says something else
has come from a link or from the browser's Back, and is followed; but not within a second of our own writing, when a
look that was already under way may still bring the address of before. (Widgets bound to the address would write their
labels into it, and could not show the kept frame that is nearest to a step that was thinned out.)
"""

import time
from dataclasses import dataclass

import streamlit as st

from pipeline.studio.film_link import ADDRESS, FilmView

UNDER_WAY_SECONDS = 1.0


@dataclass(frozen=True)
class _Held:
    """The view of one run. written: when it was last put into the address, by the clock of `time.monotonic`."""

    run: str
    view: FilmView
    written: float


def current_view(run: str) -> FilmView:
    """What is looked at now."""
    told = FilmView.read(st.query_params)
    held: _Held | None = st.session_state.get("film_held")
    if held is not None and held.run == run:
        same = held.view.address() == told.address()
        if same or time.monotonic() - held.written < UNDER_WAY_SECONDS:
            return held.view
    st.session_state.film_held = _Held(run, told, 0.0)
    return told


def look_at(run: str, view: FilmView) -> None:
    """Looks at something else from now on, and puts it into the address with the run that it is of."""
    st.session_state.film_held = _Held(run, view, time.monotonic())
    told = {"run": run, **view.address()}
    for name in ADDRESS:
        if name in st.query_params and name not in told:
            del st.query_params[name]
    st.query_params.update(told)
