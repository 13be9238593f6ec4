"""A place on the page for what comes and goes.

The browser knows the parts of a page by their number. One that appears shifts all below it by one, and the browser
then takes them down and makes them anew: charts flicker, and what a chart held in memory is not given back.
"""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator


def place() -> DeltaGenerator:
    """A container that counts as one part of the page whatever is in it, and takes no room while it is empty."""
    return st.container()
