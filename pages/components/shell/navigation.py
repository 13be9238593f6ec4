"""Going to another page by the server's word (`st.switch_page`), without breaking the browser.

A page's parts that look again every second go on asking until the browser hears that the page has changed. If the
server changes the page at that moment, such a question is still answered for the old page, and the browser breaks
("Bad delta path index"). So a click only leaves word; the page is then run without any such part, which stops the
asking, and goes from there. Links and the menu need none of this: there the browser itself stops asking.
"""

import time

import streamlit as st

QUIET_SECONDS = 0.25
"""Until the browser has stopped asking: the way there and back, and then some."""


def ask_to_leave(page: str, **query: str) -> None:
    """For a callback: the page goes to `page` when it is drawn next."""
    st.session_state.to_leave = (page, query)


def leave_if_asked() -> None:
    """Does what `ask_to_leave` was told; every page calls it before it draws anything that looks again by itself."""
    if "to_leave" in st.session_state:
        page, query = st.session_state.pop("to_leave")
        time.sleep(QUIET_SECONDS)
        st.switch_page(page, query_params=query)
