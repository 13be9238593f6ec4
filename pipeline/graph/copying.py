"""Copy nodes, and paste them into the same workflow or another one."""

import re
from collections.abc import Collection
from dataclasses import dataclass, replace

from pipeline.errors.workflow import UnknownNode
from pipeline.graph import edit
from pipeline.graph.connecting import outputs_of
from pipeline.graph.form import wires
from pipeline.graph.node import Link
from pipeline.graph.registry import Registry
from pipeline.graph.workflow import Json, NodeData, Workflow

NUMBERED = re.compile(r"_\d+$")


@dataclass(frozen=True)
class Copied:
    """Copied nodes by id, with all their wires."""

    nodes: tuple[tuple[str, NodeData], ...]


def copy_nodes(workflow: Workflow, node_ids: Collection[str]) -> Copied:
    """Copy these nodes, in the order of the workflow. Raises UnknownNode."""
    for node_id in node_ids:
        if node_id not in workflow.nodes:
            raise UnknownNode(node_id, workflow.nodes)
    return Copied(tuple((node_id, node) for node_id, node in workflow.nodes.items() if node_id in node_ids))


def paste_nodes(workflow: Workflow, copied: Copied, registry: Registry) -> tuple[Workflow, list[str]]:
    """Add copied nodes under new ids; return these ids too.

    Wires among the copied nodes stay among the new ones. Wires from other nodes stay if the workflow has a node of that
    id whose output fits; the rest are dropped. Nothing is wired to the new nodes. Works for unknown node types.
    """
    new_ids: dict[str, str] = {}
    for node_id, _ in copied.nodes:
        base = NUMBERED.sub("", node_id) or node_id
        new_ids[node_id] = edit.free_id(base, {*workflow.nodes, *new_ids.values()})
    pasted = {
        new_ids[node_id]: replace(node, inputs=_inputs(node, new_ids, workflow, registry))
        for node_id, node in copied.nodes
    }
    return replace(workflow, nodes={**workflow.nodes, **pasted}), list(pasted)


def _inputs(node: NodeData, new_ids: dict[str, str], workflow: Workflow, registry: Registry) -> dict[str, Json]:
    links = dict(node.links())
    inputs: dict[str, Json] = {}
    for name, value in node.inputs.items():
        link = links.get(name)
        if link is None:
            inputs[name] = value
        elif link.node in new_ids:
            inputs[name] = [new_ids[link.node], link.output]
        elif _fits(node, name, link, workflow, registry):
            inputs[name] = value
    return inputs


def _fits(node: NodeData, name: str, link: Link, workflow: Workflow, registry: Registry) -> bool:
    """Whether the workflow has the source of this link; it must be of the right type if both types are known."""
    if link.node not in workflow.nodes:
        return False
    node_class = registry.get(node.class_type)
    source_class = registry.get(workflow.nodes[link.node].class_type)
    port = next((wire.port for wire in wires(node_class) if wire.name == name), None) if node_class else None
    return port is None or source_class is None or link.output in outputs_of(source_class, port)
