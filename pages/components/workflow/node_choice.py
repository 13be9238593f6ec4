"""The sidebar's list of nodes, an alternative to clicking the graph, and the Add node menu."""

from collections import Counter

import streamlit as st

from pages.components.workflow import draft
from pipeline.graph.check import title_of
from pipeline.nodes.catalogue import NODES
from pipeline.studio.drafts import Draft


def node_choice(now: Draft) -> None:
    """The list of nodes, with the selected one shown. Nodes that share a title also show their ids."""
    titles = {node_id: title_of(node, NODES) for node_id, node in now.workflow.nodes.items()}
    counts = Counter(titles.values())
    if st.session_state.get("selected_node") != (now.selected or None):
        st.session_state.selected_node = now.selected or None
    st.selectbox(
        "Node",
        list(titles),
        format_func=lambda node_id: titles[node_id] + (f" ({node_id})" if counts[titles[node_id]] > 1 else ""),
        key="selected_node",
        placeholder="none",
        on_change=lambda: draft.select(st.session_state.selected_node),
    )


def add_menu() -> None:
    """The menu of node types; a new node is selected at once."""
    st.menu_button(
        "Add node",
        [node_class.__name__ for node_class in NODES if node_class.offered],
        format_func=lambda class_type: NODES[class_type].title,
        key="add_node",
        icon=":material/add:",
        on_click=lambda: draft.add(st.session_state.add_node),
    )
