"""A home or a database that cannot be used now: a sentence instead of the page, until it can be used again. And a
warning where it can be used, but may not stay whole."""

import streamlit as st

from pages.components.shell.escaping import escape
from pages.components.shell.state import trainer, usable_store
from pipeline.errors.base import GenscopeError
from pipeline.runs.home import home
from pipeline.runs.network_home import network_home_warning

LOOK_SECONDS = 2.0


def stop_while_unusable() -> None:
    """End the page with a sentence if no page can work: without a writable home and a database that answers."""
    if sentence := _trouble():
        st.error(escape(sentence), icon=":material/error:")
        st.fragment(_look_again, run_every=LOOK_SECONDS)()
        st.stop()


def warn_of_network() -> None:
    """A warning if the database is on a network file system."""
    if sentence := network_home_warning(home()):
        st.warning(escape(sentence), icon=":material/lan:")


def _look_again() -> None:
    """Draw the page once the trouble is over."""
    if not _trouble():
        st.rerun()


def _trouble() -> str:
    try:
        usable_store(now=True), trainer()
    except GenscopeError as error:
        return str(error)
    return ""
