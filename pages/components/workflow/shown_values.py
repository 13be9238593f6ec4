"""Values that the page writes into its fields, and answers of the browser that they cross.

Undo writes an earlier value into a field. Until the browser has drawn it, the browser sends the value before with every
key, which looks as if it had been typed: that would be one more edit, and leave nothing to redo.
"""

import time

import streamlit as st

DRAWN_SECONDS = 10.0
"""How long after Undo or Redo a field may be set because of it, on a busy machine."""
CROSSING_SECONDS = 2.0
"""How long after that the browser may still send the value before."""
MOST_CROSSING = 10
"""Values of a field that may be under way at a time."""

_STEPPED, _REPLACED = "draft_stepped", "replaced_values"


def note_step() -> None:
    """For a callback: Undo or Redo changes what the fields show."""
    st.session_state[_STEPPED] = time.monotonic()


def show_value(key: str, value: object) -> None:
    """Set a widget's value, unless it already has that value: setting it again would disturb a user who is typing."""
    if key not in st.session_state:
        st.session_state[key] = value
    elif (before := st.session_state[key]) != value:
        now = time.monotonic()
        if now - st.session_state.get(_STEPPED, -DRAWN_SECONDS) < DRAWN_SECONDS:
            replaced = st.session_state.setdefault(_REPLACED, {})
            replaced[key] = [*replaced.get(key, ()), (before, now)][-MOST_CROSSING:]
        st.session_state[key] = value


def is_crossing(key: str) -> bool:
    """For a widget's callback: whether its value is one that Undo or Redo has just replaced."""
    replaced = st.session_state.get(_REPLACED, {}).get(key, ())
    sent, now = st.session_state[key], time.monotonic()
    return any(value == sent and now - when < CROSSING_SECONDS for value, when in replaced)
