"""The choice between the views of a page, kept in the page's address."""

from collections.abc import Mapping
from typing import TypeVar

import streamlit as st

from pages.components.shell.address_guard import AddressGuard

UNDER_WAY_SECONDS = 1.0

View = TypeVar("View", bound=str)


def pick_view(page: str, run: str, titles: Mapping[View, str]) -> View:
    """Draw the control and return the chosen view, by default the first.

    page: distinguishes the pages; the widget's key is `<page>_view`. run: id of the run that the page shows. titles:
    those that this run offers.
    """
    key, guard = f"{page}_view", _guard(page)
    first, named = next(iter(titles)), st.query_params.get("view", "")
    held = guard.follow(next((each for each in titles if each == named), first))
    # Another run may not have the view that was chosen for the last.
    view = next((each for each in titles if each == held), first)
    # Set the widget's value only if it differs: a value set in the first page run is lost if another run aborts it.
    elsewhere = st.session_state.get(key, view) != view
    if elsewhere:
        st.session_state[key] = view
    st.segmented_control(
        "View",
        list(titles),
        default=None if elsewhere else view,
        required=True,
        format_func=titles.__getitem__,
        key=key,
        label_visibility="collapsed",
        on_change=_take,
        args=(page, run),
    )
    return view


def _take(page: str, run: str) -> None:
    view = st.session_state[f"{page}_view"]
    _guard(page).choose(view)
    st.query_params.update({"run": run, "view": view})


def _guard(page: str) -> AddressGuard[str]:
    return AddressGuard[str](f"{page}_view_held", UNDER_WAY_SECONDS)
