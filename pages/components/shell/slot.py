"""A fixed place on the page for elements that appear and disappear.

The browser identifies the elements of a page by their index. A new element shifts all elements below it, which the
browser then removes and creates again: charts flicker, and the memory of the old ones is not freed.
"""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator


def place() -> DeltaGenerator:
    """A container that counts as one element whatever it contains, and takes no space while it is empty."""
    return st.container()
