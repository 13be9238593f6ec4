"""How many browsers are open, so that what they cost the trainer stays the same however many watch.

On a machine without a core to spare, every millisecond that the server computes is taken from the trainer. So pages
poll half as often for each doubling of the browsers beyond two.
"""

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx


@st.cache_resource(show_spinner=False)
def _sessions() -> set[str]:
    """The ids of the sessions whose pages were drawn, shared by all of them."""
    return set()


def doublings() -> int:
    """How often two browsers doubled are as many as are open, rounded up: 0 for one or two, 1 up to four, 2 up to
    eight."""
    context = get_script_run_ctx()
    if context is None or not runtime.exists():
        return 0
    sessions = _sessions()
    sessions.add(context.session_id)
    # A copy, because other threads change the set meanwhile.
    sessions.difference_update({each for each in sessions.copy() if not runtime.get_instance().is_active_session(each)})
    return max(0, (len(sessions) - 1).bit_length() - 1)


def slowed(seconds: float) -> float:
    """The interval of a poll that one or two browsers make every `seconds`."""
    return seconds * (1 << doublings())
