"""Which charts are drawn, and in which order: chosen in the sidebar, kept in the session and in the page's address."""

import streamlit as st

from pages.components.run.chart_data import groups_of
from pages.components.shell.address_guard import AddressGuard

PARAMETER = "charts"
KEY = "chart_choice"
UNDER_WAY_SECONDS = 2.0
MOST, LONGEST = 100, 200
"""Maximum number of titles in an address, and of characters of one; the rest of the address is ignored."""

_GUARD = AddressGuard[tuple[str, ...]]("chart_choice_held", UNDER_WAY_SECONDS)


def choose_charts(run: str) -> tuple[str, ...]:
    """Draw the choice, and return the titles of the chosen charts that this run has, in their order; empty for all of
    the usual charts."""
    first, more = groups_of(run)
    titles = [*first, *more]
    chosen = _followed()
    known = [title for title in chosen if title in titles]
    st.session_state[KEY] = known
    st.multiselect(
        "Show",
        titles,
        key=KEY,
        placeholder="The usual charts",
        help="Charts to draw, in the order in which you choose them. The page's address keeps the choice: a link to it "
        "shows the same charts.",
        on_change=_choose,
    )
    return tuple(known)


def _followed() -> tuple[str, ...]:
    """The choice in the address; if it has none, that of this browser, which is then written into the address."""
    told = _told()
    if told or PARAMETER in st.query_params:
        return _GUARD.follow(told)
    kept = _GUARD.held or ()
    if kept:
        st.query_params[PARAMETER] = list(kept)
    return kept


def _told() -> tuple[str, ...]:
    titles = [title for title in st.query_params.get_all(PARAMETER)[:MOST] if title and len(title) <= LONGEST]
    return tuple(dict.fromkeys(titles))


def _choose() -> None:
    chosen = tuple(st.session_state[KEY])
    _GUARD.choose(chosen)
    if chosen:
        st.query_params[PARAMETER] = list(chosen)
    elif PARAMETER in st.query_params:
        del st.query_params[PARAMETER]
