"""Connect two nodes by clicking them: press Connect on one, then click the other in the graph or choose it in the list.

While this goes on, `st.session_state.connecting` holds the id of the first node.
"""

from collections.abc import Mapping, Sequence

import streamlit as st

from pages.components.shell.notices import run_command
from pages.components.shell.streamlit_gaps import escape
from pages.components.workflow import draft
from pages.components.workflow.graph_view import NodeMark
from pipeline.graph.check import title_of
from pipeline.graph.connecting import Connection, connections, make, why_none
from pipeline.graph.workflow import Workflow
from pipeline.nodes.catalogue import NODES
from pipeline.studio.drafts import Draft


def connecting(workflow: Workflow) -> str:
    """The id of the node that is being connected, or ""."""
    node_id: str = st.session_state.get("connecting", "")
    return node_id if node_id in workflow.nodes else ""


def begin(node_id: str) -> None:
    """Begin to connect this node."""
    cancel()
    st.session_state.connecting = node_id


def cancel() -> None:
    """Stop connecting."""
    for name in ("connecting", "connect_choices", "connect_refusal"):
        st.session_state.pop(name, None)


def pick(node_id: str) -> None:
    """For a click on a node: select it or, while connecting, connect it with the first node."""
    workflow = draft.current().workflow
    first = connecting(workflow)
    if not first:
        draft.select(node_id)
    elif node_id == first or node_id not in workflow.nodes:
        cancel()
    elif len(found := connections(workflow, first, node_id, NODES)) > 1:
        st.session_state.connect_choices = found
    elif found:
        _connect(found[0])
    else:
        st.session_state.connect_refusal = why_none(workflow, first, node_id, NODES)


def fitting_marks(workflow: Workflow) -> Mapping[str, Sequence[NodeMark]]:
    """While connecting: a mark on each node that a wire can be connected to."""
    first = connecting(workflow)
    fits: Sequence[NodeMark] = ["fits"]
    return {each: fits for each in workflow.nodes if first and connections(workflow, first, each, NODES)}


def connect_line(now: Draft) -> None:
    """One line above the graph: what a click does and, while connecting, why the last one made no wire.

    If several wires fit, a dialog asks which.
    """
    if not (first := connecting(now.workflow)):
        st.markdown(":small[:gray[Click a node to edit it; Connect, or C, wires it to another.]]")
        return
    title = escape(title_of(now.workflow.nodes[first], NODES))
    if refusal := st.session_state.get("connect_refusal", ""):
        told = f":orange[:material/warning: {escape(refusal)}] Click another one, or press Escape."
    else:
        told = f":primary[:material/cable: **Connecting {title}**]: click a node with a thick border. Escape stops."
    st.markdown(f":small[{told}]")
    if choices := st.session_state.get("connect_choices"):
        _choose(now.workflow, choices)


@st.dialog("Which wire?", on_dismiss=cancel)
def _choose(workflow: Workflow, choices: Sequence[Connection]) -> None:
    for number, choice in enumerate(choices):
        taken = choice.wire.name in workflow.nodes[choice.node].inputs
        source, node = (title_of(workflow.nodes[each], NODES) for each in (choice.source.node, choice.node))
        words = f"**{escape(choice.wire.label)}** of {escape(node)}, from {escape(source)}"
        if st.button(
            f"{words} :small[:gray[in place of the wire it has]]" if taken else words,
            key=f"connect_choice {number}",
            width="stretch",
        ):
            _connect(choice)
            st.rerun()


def _connect(connection: Connection) -> None:
    cancel()
    run_command(draft.change, make, connection)
