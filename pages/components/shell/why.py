"""A button that says why something matters."""

import streamlit as st

from pages.components.shell.streamlit_gaps import escape
from pipeline.why import Why

WIDTH = 340


def why_button(what: str, why: Why, key: str, label: str = "Why") -> None:
    """A small popover with two sentences and their source. what: the metric, hint or stage, for its help text."""
    with (
        st.popover(label, key=key, type="tertiary", help=f"Why {what} matters, with a source"),
        st.container(width=WIDTH),
    ):
        explanation(why)


def explanation(why: Why) -> None:
    """The sentences and their source, for a place that is open anyway."""
    st.markdown(escape(why.text))
    source = escape(why.source)
    st.caption(f"Source: [{source}]({why.url})" if why.url else f"Source: {source}")
