"""The sidebar's list of nodes, an alternative to clicking the graph."""

from collections import Counter

import streamlit as st

from pages.components.workflow import connect_mode
from pipeline.graph.check import title_of
from pipeline.nodes.catalogue import NODES
from pipeline.studio.drafts import Draft


def node_choice(now: Draft) -> None:
    """The list of nodes, with the selected one shown. Nodes that share a title also show their ids.

    While connecting, a choice is the other end of the wire, as a click in the graph is.
    """
    titles = {node_id: title_of(node, NODES) for node_id, node in now.workflow.nodes.items()}
    counts = Counter(titles.values())
    if st.session_state.get("selected_node") != (now.selected or None):
        st.session_state.selected_node = now.selected or None
    st.selectbox(
        "Node",
        list(titles),
        format_func=lambda node_id: (
            titles[node_id]
            + (f" ({node_id})" if counts[titles[node_id]] > 1 else "")
            + (", bypassed" if now.workflow.nodes[node_id].bypassed else "")
        ),
        key="selected_node",
        placeholder="none",
        on_change=lambda: connect_mode.pick(st.session_state.selected_node),
    )
