"""What this browser looks at on a film strip, and the page's address, which says the same: each follows the other.

(Widgets bound to the address would write their labels into it, and could not show the kept frame that is nearest to a
step that was thinned out.)
"""

from dataclasses import replace
from typing import Any

import streamlit as st

from pages.components.shell.address_guard import AddressGuard
from pipeline.studio.film.film_view import ADDRESS, FilmView, Showing

UNDER_WAY_SECONDS = 10.0

_GUARD = AddressGuard[FilmView]("film_held", UNDER_WAY_SECONDS, once=True, said=FilmView.address)


def current_view(run: str) -> FilmView:
    """What is looked at now."""
    return _GUARD.follow(FilmView.read(st.query_params), run)


def look_at(run: str, view: FilmView) -> None:
    """Looks at something else from now on, and puts it into the address with the run that it is of."""
    _GUARD.choose(view, run)
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
