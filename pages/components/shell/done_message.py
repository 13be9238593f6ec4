"""What a click has done, as a message with what can be done next: a link, or a button that undoes it.

It stays until it is dismissed, another one replaces it, or the browser goes to another page: a page may be redrawn at
any moment, and a message that is shown only once would then be lost.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import streamlit as st

from pages.components.shell.streamlit_gaps import escape

_KEY, _PLACE = "done_message", "done_message_on"


@dataclass(frozen=True)
class Done:
    """A message. page, label, query: a link, if there is a label. undo: for a button *Undo*, if it can be undone."""

    sentence: str
    page: str = ""
    label: str = ""
    query: Mapping[str, str] = field(default_factory=dict)
    undo: Callable[[], object] | None = None


def say_done(done: Done) -> None:
    """For a callback: have `show_done` show this message instead of any other."""
    st.session_state[_KEY] = done
    st.session_state.pop(_PLACE, None)


def show_done(path: str) -> None:
    """Show the message on the page of this path, if it was said there."""
    done: Done | None = st.session_state.get(_KEY)
    if done is None:
        return
    if st.session_state.setdefault(_PLACE, path) != path:
        _forget()
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="done_message_box"):
        st.markdown(f":material/check: {escape(done.sentence)}", width="content")
        if done.label:
            st.page_link(done.page, label=done.label, icon=":material/arrow_forward:", query_params=dict(done.query))
        if done.undo is not None:
            st.button("Undo", key="undo_done", icon=":material/undo:", on_click=_undo, args=(done.undo,))
        st.button("Dismiss", key="dismiss_done", type="tertiary", on_click=_forget)


def _undo(undo: Callable[[], object]) -> None:
    _forget()
    undo()


def _forget() -> None:
    st.session_state.pop(_KEY, None)
    st.session_state.pop(_PLACE, None)
