"""Add a node: a button, and a dialog in which one searches the types of node.

The search filters while one types. Enter adds the first match, and the arrow keys move through the list; a small
component listens for them, since Streamlit's text field tells Enter from a pause in typing in no way.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby

import streamlit as st

from pages.components.shell.streamlit_gaps import escape
from pages.components.workflow import draft
from pipeline.formatting import shortened
from pipeline.graph.adding import Offer, matching, offers
from pipeline.graph.check import title_of
from pipeline.nodes.catalogue import NODES
from pipeline.studio.drafts import Draft

LIST_HEIGHT = 460
LONGEST_LINE = 132
"""Characters of a title with its help that stand on one line."""

_JS = """
const FIELD = ".st-key-find_node input", OFFERS = ".st-key-node_offers button";

export default function ({ setTriggerValue }) {
  const press = (event) => {
    const field = document.querySelector(FIELD);
    const all = [...document.querySelectorAll(OFFERS)], at = all.indexOf(document.activeElement);
    if (event.isComposing || (event.target !== field && at < 0)) return;
    if (event.key === "Enter" && event.target === field) setTriggerValue("entered", field.value);
    else if (event.key === "ArrowDown") all[Math.min(at + 1, all.length - 1)]?.focus();
    else if (event.key === "ArrowUp") (at > 0 ? all[at - 1] : field).focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  document.addEventListener("keydown", press, true);
  // A dialog that opens takes the focus itself, at some moment.
  const waiting = [0, 100, 300, 600].map((wait) => setTimeout(() => {
    if (document.activeElement?.matches("body, [role=dialog]")) document.querySelector(FIELD)?.focus();
  }, wait));
  return () => {
    waiting.forEach(clearTimeout);
    document.removeEventListener("keydown", press, true);
  };
}
"""
_listen = st.components.v2.component("genscope_add_node", js=_JS)


def add_button(now: Draft) -> None:
    """The button that opens the dialog. A new node is selected at once."""
    st.button("Add node", key="add_node", icon=":material/add:", on_click=_open)
    if st.session_state.get("adding_node"):
        _add_dialog(now)


def _open() -> None:
    st.session_state.adding_node = True
    st.session_state.find_node = ""


def _close() -> None:
    st.session_state.pop("adding_node", None)


@st.dialog("Add a node", width=880, on_dismiss=_close)
def _add_dialog(now: Draft) -> None:
    words = st.text_input(
        "Search types of node",
        key="find_node",
        live="150ms",
        icon=":material/search:",
        placeholder="Name or purpose, such as penalty",
        label_visibility="collapsed",
    )
    every = offers(now.workflow, now.selected, NODES)
    entered = _listen(key="add_node_keys", on_entered_change=lambda: None).entered
    if entered is not None and (found := matching(every, entered)):
        _add(found[0])
    found = matching(every, words or "")
    with st.container(height=LIST_HEIGHT, border=False, key="node_offers", gap=None):
        for heading, group in [("", found)] if words else _sections(every, now):
            if heading:
                st.markdown(f"**{heading}**")
            for offer in group:
                _offer(offer, first=bool(words) and offer is found[0])
        if not found:
            st.caption("No type of node has all these words in its name, its help or its category.")
    st.caption("Enter adds the first one. A new node is wired where just one output or input fits.")


def _sections(every: Sequence[Offer], now: Draft) -> Iterator[tuple[str, Sequence[Offer]]]:
    """(heading, offers): those that fit the selected node, those that fill an input, and the rest by category."""
    headings = {"open": "Fills an unconnected input"}
    if node := now.workflow.nodes.get(now.selected):
        headings["selected"] = f"Fits {escape(title_of(node, NODES))}"
    for heading, group in groupby(every, key=lambda offer: headings.get(offer.fit, escape(offer.category))):
        yield heading, list(group)


def _offer(offer: Offer, *, first: bool) -> None:
    """One type of node. first: Enter adds it."""
    words = f"**{escape(offer.title)}** :small[:gray[{escape(shortened(offer.line, LONGEST_LINE - len(offer.title)))}]]"
    if first:
        words += " :primary[:material/keyboard_return:]"
    if st.button(words, key=f"add {offer.class_type}", type="tertiary", wrap=True):
        _add(offer)


def _add(offer: Offer) -> None:
    """Add the node and close the dialog, which redraws the page."""
    draft.add(offer.class_type)
    _close()
    st.rerun()
