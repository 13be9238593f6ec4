"""Keep the view of the film strip and the page's address in sync.

Widgets bound to the address would write their labels into it, and could not show the nearest kept frame for a step that
was thinned out.
"""

from dataclasses import replace
from typing import Any

import streamlit as st

from pages.components.shell.address_guard import AddressGuard
from pipeline.studio.film.film_view import ADDRESS, FilmView, ResolvedView

UNDER_WAY_SECONDS = 10.0

_GUARD = AddressGuard[FilmView]("film_held", UNDER_WAY_SECONDS, once=True, said=FilmView.address)


def current_view(run: str) -> FilmView:
    """The current view."""
    return _GUARD.follow(FilmView.read(st.query_params), run)


def look_at(run: str, view: FilmView) -> None:
    """Switch to another view, and write it into the address together with its run."""
    _GUARD.choose(view, run)
    others = {name: value for name, value in st.query_params.items() if name not in ADDRESS}
    # All at once, because every write adds an entry to the browser's history.
    st.query_params.from_dict({**others, "run": run, **view.address()})


def alter(now: ResolvedView, **changes: Any) -> None:
    """For a callback: change these fields of the view.

    They are changed in the current view, which another click may have altered since `now` was drawn.
    """
    run = now.film.run
    view = current_view(run)
    changed = replace(view, **changes)
    if changed != view:
        look_at(run, now.pinned(changed))
