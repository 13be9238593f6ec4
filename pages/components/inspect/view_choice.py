"""Which view of the Inspect page this browser looks at, and the page's address, which says the same."""

from typing import Literal

import streamlit as st

from pages.components.shell.address_guard import AddressGuard

InspectView = Literal["step", "layers", "codes", "film"]
VIEWS: dict[InspectView, str] = {"step": "Step", "layers": "Layers", "codes": "Codes", "film": "Film strip"}
UNDER_WAY_SECONDS = 1.0

_GUARD = AddressGuard[InspectView]("inspect_held", UNDER_WAY_SECONDS)


def choose_view(run: str, *, encodes: bool) -> InspectView:
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


def _view() -> InspectView:
    named = st.query_params.get("view", "")
    return _GUARD.follow(next((view for view in VIEWS if view == named), "step"))


def _take(run: str) -> None:
    view = st.session_state.inspect_view
    _GUARD.choose(view)
    st.query_params.update({"run": run, "view": view})
