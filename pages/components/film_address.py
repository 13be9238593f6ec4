"""What this browser looks at on a film strip, and the page's address, which says the same: each follows the other.

The choice is kept in the session and written into the address by the callbacks. An address that says something else
has come from a link or from the browser's Back, and is followed; but not before our own writing has come back once,
since a look that was already under way still brings the address of before. (Widgets bound to the address would write
their labels into it, and could not show the kept frame that is nearest to a step that was thinned out.)
"""

import time
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from pipeline.studio.film_link import ADDRESS, FilmView, Showing

UNDER_WAY_SECONDS = 10.0
"""What has not come back by then is not going to."""


@dataclass(frozen=True)
class _Held:
    """The view of one run. written: when it was put into an address that has not come back yet, else 0."""

    run: str
    view: FilmView
    written: float = 0.0

    @property
    def under_way(self) -> bool:
        return time.monotonic() - self.written < UNDER_WAY_SECONDS


def current_view(run: str) -> FilmView:
    """What is looked at now."""
    told = FilmView.read(st.query_params)
    held: _Held | None = st.session_state.get("film_held")
    if held is None or held.run != run:
        held = _Held(run, told)
    elif told.address() == held.view.address():
        held = replace(held, written=0.0)
    elif not held.under_way or _went_back():
        held = _Held(run, told)
    st.session_state.film_held = held
    return held.view


def look_at(run: str, view: FilmView) -> None:
    """Looks at something else from now on, and puts it into the address with the run that it is of."""
    st.session_state.film_held = _Held(run, view, time.monotonic())
    others = {name: told for name, told in st.query_params.items() if name not in ADDRESS}
    # All at once: each writing is a place that the browser's Back comes to.
    st.query_params.from_dict({**others, "run": run, **view.address()})


def alter(now: Showing, **changes: Any) -> None:
    """For a callback: looks at the same with these fields of the view changed.

    They are changed in what is looked at by then: another click may have come since `now` was drawn.
    """
    run = now.film.run
    view = current_view(run)
    changed = replace(view, **changes)
    if changed != view:
        look_at(run, now.pinned(changed))


def _went_back() -> bool:
    """Whether the page is drawn because of the browser's Back or Forward, whose address is always meant."""
    context = get_script_run_ctx()
    return context is not None and context.is_history_navigation
