"""Bypass a node: it stays in the workflow, but its input takes the place of its output.

A bypassed node is a `NodeData` with `bypassed`. `check` removes it with `without_bypassed` before anything else, so
that only edits and pictures see one. A node that passes nothing through stays, and the check says why.
"""

from collections.abc import Mapping
from dataclasses import replace

from pipeline.errors.workflow import CannotBypass, UnknownNode
from pipeline.graph.form import pass_through_wire
from pipeline.graph.node import Link
from pipeline.graph.registry import Registry
from pipeline.graph.workflow import NodeData, Workflow, as_link


def set_bypassed(workflow: Workflow, node_id: str, bypassed: bool, registry: Registry) -> Workflow:
    """Bypass a node, or use it again. Raises UnknownNode; CannotBypass for a node whose output has not the type of just
    one of its inputs."""
    if node_id not in workflow.nodes:
        raise UnknownNode(node_id, workflow.nodes)
    node = workflow.nodes[node_id]
    if bypassed and not can_be_bypassed(node, registry):
        raise CannotBypass(node_id)
    return replace(workflow, nodes={**workflow.nodes, node_id: replace(node, bypassed=bypassed)})


def can_be_bypassed(node: NodeData, registry: Registry) -> bool:
    """Whether the node's only output has the type of just one of its inputs, as that of a penalty has."""
    node_class = registry.get(node.class_type)
    return node_class is not None and pass_through_wire(node_class) is not None


def without_bypassed(workflow: Workflow, registry: Registry) -> Workflow:
    """The workflow in which each bypassed node is replaced by the source of the input that it passes through.

    A bypassed node that is used stays, as if it were not bypassed, if there is nothing to pass through: its input is
    not connected or of the wrong type, or it has no such input.
    """
    if not any(node.bypassed for node in workflow.nodes.values()):
        return workflow
    instead = {
        node_id: source
        for node_id, node in workflow.nodes.items()
        if node.bypassed and (source := _source(node, workflow, registry)) is not None
    }
    instead = {node_id: end for node_id in instead if (end := _end(node_id, instead)) is not None}
    nodes = {
        node_id: _rewired(node, instead) if any(link.node in instead for _, link in node.links()) else node
        for node_id, node in workflow.nodes.items()
        if node_id not in instead
    }
    return replace(workflow, nodes=_without_unused(nodes, registry))


def _without_unused(nodes: Mapping[str, NodeData], registry: Registry) -> Mapping[str, NodeData]:
    """The nodes without bypassed ones that no other uses: it does not matter whether they could pass anything on."""
    used = {link.node for node in nodes.values() for _, link in node.links()}
    kept = {
        node_id: node
        for node_id, node in nodes.items()
        if node_id in used or not node.bypassed or not can_be_bypassed(node, registry)
    }
    return kept if len(kept) == len(nodes) else _without_unused(kept, registry)


def _source(node: NodeData, workflow: Workflow, registry: Registry) -> Link | None:
    """What the node would pass through; None if nothing fits."""
    node_class = registry.get(node.class_type)
    wire = pass_through_wire(node_class) if node_class else None
    link = as_link(node.inputs.get(wire.name)) if wire else None
    if wire is None or link is None or link.node not in workflow.nodes:
        return None
    outputs = source.outputs if (source := registry.get(workflow.nodes[link.node].class_type)) else ()
    fits = 0 <= link.output < len(outputs) and issubclass(outputs[link.output], wire.port)
    return link if fits else None


def _end(node_id: str, instead: Mapping[str, Link]) -> Link | None:
    """The source at the end of a chain of bypassed nodes; None if they feed each other in a circle."""
    seen = {node_id}
    link = instead[node_id]
    while link.node in instead:
        if link.node in seen:
            return None
        seen.add(link.node)
        link = instead[link.node]
    return link


def _rewired(node: NodeData, instead: Mapping[str, Link]) -> NodeData:
    ends = {name: instead[link.node] for name, link in node.links() if link.node in instead and link.output == 0}
    return replace(node, inputs={**node.inputs, **{name: [end.node, end.output] for name, end in ends.items()}})
