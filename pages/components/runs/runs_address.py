"""Keep the view of the Runs page and the page's address in step."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import streamlit as st

from pages.components.shell.address_guard import AddressGuard
from pipeline.studio.comparison.runs_view import ADDRESS, RunsView, Show

UNDER_WAY_SECONDS = 10.0
TITLES: Mapping[Show, str] = {"table": "Table", "compare": "Compare", "tree": "Tree", "queue": "Queue", "jobs": "Jobs"}

_GUARD = AddressGuard[RunsView]("runs_view_held", UNDER_WAY_SECONDS, once=True, said=RunsView.address)


def current_view() -> RunsView:
    """What the page shows."""
    return _GUARD.follow(RunsView.read(st.query_params))


def alter(**changes: Any) -> None:
    """For a callback: change these fields of the view, and write them into the address.

    A change of what is looked for, or of its order, leads to the first page.
    """
    view = current_view()
    changed = replace(view, **changes)
    if (changed.filter, changed.sort) != (view.filter, view.sort):
        changed = replace(changed, page=1)
    if changed != view:
        _GUARD.choose(changed)
        others = {name: value for name, value in st.query_params.items() if name not in ADDRESS}
        # All at once, because every write adds an entry to the browser's history.
        st.query_params.from_dict({**others, **changed.address()})


def show_all() -> None:
    """For a callback: look for nothing, and leave out no run but the archived ones."""
    alter(words="", states=(), templates=(), images=(), tags=(), who=())


def set_field(key: str, value: object) -> None:
    """Have the widget of this key show what the address says. A value set in vain would be lost if another run aborts
    this one."""
    if st.session_state.get(key) != value:
        st.session_state[key] = value


def pick_show(view: RunsView) -> Show:
    """Draw the choice between the table, the comparison, the tree, the queue and the jobs, and return what is shown."""
    titles = dict(TITLES) | {"compare": f"Compare ({len(view.chosen)})" if view.chosen else "Compare"}
    set_field("runs_view", view.show)
    st.segmented_control(
        "View",
        list(titles),
        required=True,
        format_func=titles.__getitem__,
        key="runs_view",
        label_visibility="collapsed",
        on_change=lambda: alter(show=st.session_state.runs_view),
    )
    return view.show
