"""Switch to another page from a callback, working around a Streamlit race.

Fragments with `run_every` keep polling until the browser learns of the page change. If the server calls
`st.switch_page` at such a moment, a poll is still answered for the old page and the front end breaks ("Bad delta path
index"). So a callback only records the target; the next page run draws no fragment, which stops the polling, waits
briefly and switches. Links and the menu need none of this, because the browser itself stops polling.
"""

import time

import streamlit as st

QUIET_SECONDS = 0.25
"""Time for the browser to stop polling: a round trip with a margin."""


def ask_to_leave(page: str, **query: str) -> None:
    """For a callback: switch to `page` on the next page run."""
    st.session_state.to_leave = (page, query)


def leave_if_asked() -> None:
    """Do the switch that `ask_to_leave` recorded. Every page calls this before it draws any fragment that polls."""
    if "to_leave" in st.session_state:
        page, query = st.session_state.pop("to_leave")
        time.sleep(QUIET_SECONDS)
        st.switch_page(page, query_params=query)
