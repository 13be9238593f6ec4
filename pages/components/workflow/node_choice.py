"""The sidebar's list of nodes, an alternative to clicking the graph."""

from collections import Counter
from collections.abc import Mapping

import streamlit as st

from pages.components.workflow import connect_mode
from pipeline.graph.check import title_of
from pipeline.graph.workflow import Workflow
from pipeline.nodes.catalogue import NODES
from pipeline.studio.drafts import Draft


def node_choice(now: Draft) -> None:
    """The list of nodes, with the selected one shown. Nodes that share a title also show their ids.

    While connecting, a choice is the other end of the wire, as a click in the graph is.
    """
    labels = _labels(now.workflow)
    selected = now.selected or None
    shown = (selected, labels.get(now.selected))
    # The browser keeps the label of the choice and would send the old one, which no node has, after a renaming.
    if st.session_state.get("selected_node") != selected or st.session_state.get("selected_node_shown") != shown:
        st.session_state.selected_node = selected
    st.session_state.selected_node_shown = shown
    st.selectbox(
        "Node",
        list(labels),
        format_func=lambda node_id: labels.get(node_id, node_id),
        key="selected_node",
        placeholder="none",
        on_change=lambda: connect_mode.pick(st.session_state.selected_node),
    )


def _labels(workflow: Workflow) -> Mapping[str, str]:
    """The label of each node, by its id."""
    titles = {node_id: title_of(node, NODES) for node_id, node in workflow.nodes.items()}
    counts = Counter(titles.values())
    return {
        node_id: title
        + (f" ({node_id})" if counts[title] > 1 else "")
        + (", bypassed" if workflow.nodes[node_id].bypassed else "")
        for node_id, title in titles.items()
    }
