"""What can be done with the selected node as a whole: replace, connect, duplicate, copy, bypass and remove it."""

import streamlit as st

from pages.components.shell.notices import run_command
from pages.components.workflow import connect_mode, draft
from pipeline.graph import edit
from pipeline.graph.bypass import can_be_bypassed, set_bypassed
from pipeline.graph.replacing import alternatives, swap_node
from pipeline.graph.workflow import Workflow
from pipeline.nodes.catalogue import NODES

REPLACE = "Replace with…"


def node_actions(workflow: Workflow, node_id: str) -> None:
    """The actions on node `node_id`. In words without icons, so that they take two rows of the sidebar."""
    with st.container(gap=None):
        with st.container(horizontal=True, horizontal_alignment="distribute"):
            _replace_menu(workflow, node_id)
            _connect_button(workflow, node_id)
        with st.container(horizontal=True, horizontal_alignment="distribute"):
            st.button(
                "Duplicate",
                key="duplicate",
                type="tertiary",
                help="Adds a copy with the same inputs. Nothing is wired to it.",
                on_click=run_command,
                args=(draft.duplicate, node_id),
            )
            st.button(
                "Copy",
                key="copy",
                type="tertiary",
                help="Paste it with the button above the graph, in this workflow or another one.",
                on_click=run_command,
                args=(draft.copy, node_id),
            )
            st.button(
                "Remove node",
                key="remove_node",
                type="tertiary",
                help="Removes the node and its wires. Undo restores them.",
                on_click=run_command,
                args=(draft.change, edit.remove_node, node_id, NODES),
            )
        _bypass(workflow, node_id)


def _connect_button(workflow: Workflow, node_id: str) -> None:
    # The key C finds the container, and so either button; Escape finds only the second.
    with st.container(key="connect", width="content"):
        if connect_mode.connecting(workflow):
            st.button(
                "Cancel",
                key="cancel_connecting",
                type="tertiary",
                help="Stop connecting. Escape does the same.",
                on_click=connect_mode.cancel,
            )
        else:
            st.button(
                "Connect",
                key="begin_connecting",
                type="tertiary",
                help="Then click the other node in the graph, or choose it in the list above.",
                on_click=connect_mode.begin,
                args=(node_id,),
            )


def paste_button() -> None:
    """Paste what was copied."""
    st.button(
        "Paste",
        key="paste",
        icon=":material/content_paste:",
        disabled=draft.copied() is None,
        help="Adds the copied node, with the wires that fit here.",
        on_click=draft.paste,
    )


def _replace_menu(workflow: Workflow, node_id: str) -> None:
    found = {node_class.__name__: node_class.title for node_class in alternatives(workflow, node_id, NODES)}
    if not found:
        none = "No other type of node fits in its place."
        st.button(REPLACE, key="no_replacement", type="tertiary", disabled=True, help=none)
        return
    st.menu_button(
        REPLACE,
        list(found),
        format_func=found.__getitem__,
        key=f"replace {node_id}",
        type="tertiary",
        help="Keeps the wires and the parameters that fit.",
        on_click=_replace,
        args=(node_id,),
    )


def _replace(node_id: str) -> None:
    run_command(draft.change, swap_node, node_id, st.session_state[f"replace {node_id}"], NODES)


def _bypass(workflow: Workflow, node_id: str) -> None:
    node, key = workflow.nodes[node_id], f"bypass {node_id}"
    if not can_be_bypassed(node, NODES) and not node.bypassed:
        return
    st.session_state[key] = node.bypassed
    st.toggle(
        "Bypass",
        key=key,
        help="Leave it out without removing it: its input takes the place of its output.",
        on_change=_take_bypass,
        args=(node_id, key),
    )


def _take_bypass(node_id: str, key: str) -> None:
    run_command(draft.change, set_bypassed, node_id, st.session_state[key], NODES)
