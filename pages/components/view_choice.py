"""Which view of the Inspect page this browser looks at, and the page's address, which says the same.

The choice is kept in the session and written into the address by the click. An address that says something else has
come from a link or from the browser's Back, and is followed; but not within a second of our own writing, when a look
that was already under way may still bring the address of before.
"""

import time
from typing import Literal

import streamlit as st

View = Literal["step", "layers", "codes", "film"]
VIEWS: dict[View, str] = {"step": "Step", "layers": "Layers", "codes": "Codes", "film": "Film strip"}
UNDER_WAY_SECONDS = 1.0


def choose_view(run: str, *, encodes: bool) -> View:
    """The control that goes from view to view, and the one chosen. encodes: whether the run makes codes of images."""
    offered = [view for view in VIEWS if encodes or view != "codes"]
    view = _view()
    if view not in offered:
        view = "step"
    # Set from here only where it says otherwise: what the first look sets is lost if another look cuts it short.
    elsewhere = st.session_state.get("inspect_view", view) != view
    if elsewhere:
        st.session_state.inspect_view = view
    st.segmented_control(
        "View",
        offered,
        default=None if elsewhere else view,
        required=True,
        format_func=VIEWS.__getitem__,
        key="inspect_view",
        label_visibility="collapsed",
        on_change=_take,
        args=(run,),
    )
    return view


def _view() -> View:
    named = st.query_params.get("view", "")
    told: View = next((view for view in VIEWS if view == named), "step")
    held: View
    held, written = st.session_state.get("inspect_held", (told, 0.0))
    if told != held and time.monotonic() - written < UNDER_WAY_SECONDS:
        told = held
    st.session_state.inspect_held = (told, written)
    return told


def _take(run: str) -> None:
    view = st.session_state.inspect_view
    st.session_state.inspect_held = (view, time.monotonic())
    st.query_params.update({"run": run, "view": view})
