"""The choice of the view on the Inspect page, kept in the page's address."""

from typing import Literal

import streamlit as st

from pages.components.shell.address_guard import AddressGuard
from pipeline.families.sampling_path import SamplingPath

InspectView = Literal["step", "layers", "codes", "path", "film"]
VIEWS: dict[InspectView, str] = {
    "step": "Step",
    "layers": "Layers",
    "codes": "Codes",
    "path": "Path",
    "film": "Film strip",
}
UNDER_WAY_SECONDS = 1.0

_GUARD = AddressGuard[InspectView]("inspect_held", UNDER_WAY_SECONDS)


def choose_view(run: str, *, encodes: bool, path: SamplingPath | None) -> InspectView:
    """Draw the control and return the chosen view.

    encodes: whether the run encodes images and so has a Codes view. path: of the run's family, whose title its view
    has; None for images that are made in one pass.
    """
    missing = {*(() if encodes else ("codes",)), *(() if path else ("path",))}
    titles = {view: path.title if path and view == "path" else title for view, title in VIEWS.items()}
    offered = [view for view in VIEWS if view not in missing]
    view = _view()
    if view not in offered:
        view = "step"
    # Set the widget's value only if it differs: a value set in the first page run is lost if another run aborts it.
    elsewhere = st.session_state.get("inspect_view", view) != view
    if elsewhere:
        st.session_state.inspect_view = view
    st.segmented_control(
        "View",
        offered,
        default=None if elsewhere else view,
        required=True,
        format_func=titles.__getitem__,
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
