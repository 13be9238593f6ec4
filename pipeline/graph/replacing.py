"""Replace a node by one of another type that can stand in its place, such as a loss by another loss."""

from collections.abc import Mapping

from pipeline.errors.workflow import CannotReplace, UnknownNode
from pipeline.graph import edit
from pipeline.graph.check import title_of
from pipeline.graph.connecting import outputs_of
from pipeline.graph.form import parameters, pass_through_wire, wires
from pipeline.graph.node import Link, Node
from pipeline.graph.registry import Registry
from pipeline.graph.values import validate
from pipeline.graph.workflow import Json, NodeData, Workflow


def alternatives(workflow: Workflow, node_id: str, registry: Registry) -> list[type[Node]]:
    """The types that can replace a node, in the order of the registry. Raises UnknownNode.

    They are of its category, their outputs fit all wires from the node, they stack on another node if it does, and they
    keep at least one wire of a node that has inputs.
    """
    node = _node(workflow, node_id)
    return [
        node_class
        for node_class in registry
        if node_class.offered and _can_replace(node_class, node_id, node, workflow, registry)
    ]


def swap_node(workflow: Workflow, node_id: str, class_type: str, registry: Registry) -> Workflow:
    """Replace a node by one of another type under the same id.

    All wires from it stay. It keeps the wires that still fit, and the parameters that the new type has too, if it takes
    their value. Its title stays if it names the node's part in the workflow ("Noise"); the old type's name in it
    becomes the new one's ("Slow Adam" becomes "Slow SGD"); any other title is dropped, since it may describe
    the old type. Raises UnknownNode, UnknownNodeType, and CannotReplace for a type that is none of `alternatives`.
    """
    node, node_class = _node(workflow, node_id), registry[class_type]
    if not _can_replace(node_class, node_id, node, workflow, registry):
        raise CannotReplace(title_of(node, registry), node_class.title)
    inputs = {name: value for name, value in node.inputs.items() if _is_valid(node_class, name, value)}
    for name, link in _kept_wires(node_class, node, workflow, registry).items():
        inputs[name] = [link.node, link.output]
    bypassed = node.bypassed and pass_through_wire(node_class) is not None
    title = _title(node.title, registry[node.class_type], node_class)
    return edit.replace_node(workflow, node_id, NodeData(class_type, inputs, title, bypassed))


def _can_replace(node_class: type[Node], node_id: str, node: NodeData, workflow: Workflow, registry: Registry) -> bool:
    old_class = registry.get(node.class_type)
    if old_class is None or node_class is old_class or node_class.category != old_class.category:
        return False
    if (pass_through_wire(node_class) is None) != (pass_through_wire(old_class) is None):
        return False
    if len(node_class.outputs) < len(old_class.outputs):
        return False
    for other in workflow.nodes.values():
        other_class = registry.get(other.class_type)
        for wire in wires(other_class) if other_class else ():
            value = other.inputs.get(wire.name)
            for output in range(len(old_class.outputs)):
                if value == [node_id, output] and output not in outputs_of(node_class, wire.port):
                    return False
    alike = all(issubclass(new, old) for new, old in zip(node_class.outputs, old_class.outputs, strict=False))
    return alike and (not wires(old_class) or _share_a_wire(node_class, old_class))


def _share_a_wire(one: type[Node], other: type[Node]) -> bool:
    ports = {wire.name: wire.port for wire in wires(other)}
    return any(ports.get(wire.name) is wire.port for wire in wires(one))


def _kept_wires(node_class: type[Node], node: NodeData, workflow: Workflow, registry: Registry) -> Mapping[str, Link]:
    """The node's links that fit inputs of the new class: by name, and by type where there is just one candidate."""
    links = {
        name: link
        for name, link in node.links()
        if link.node in workflow.nodes and registry.get(workflow.nodes[link.node].class_type)
    }

    def fits(link: Link, wire: str) -> bool:
        port = next(each.port for each in wires(node_class) if each.name == wire)
        return link.output in outputs_of(registry[workflow.nodes[link.node].class_type], port)

    names = [wire.name for wire in wires(node_class)]
    kept = {name: links[name] for name in names if name in links and fits(links[name], name)}
    for name in names:
        left = [link for old, link in links.items() if old not in kept and fits(link, name)]
        if name not in kept and len(left) == 1:
            kept[name] = left[0]
    return kept


def _is_valid(node_class: type[Node], name: str, value: Json) -> bool:
    """Whether the class has this parameter and takes this value."""
    if all(each.name != name for each in parameters(node_class)):
        return False
    _, faults = validate(node_class, {name: value}, {wire.name: Link("") for wire in wires(node_class)})
    return not faults


def _title(title: str, old: type[Node], new: type[Node]) -> str:
    if title.lower() == old.category:
        return title
    renamed = title.replace(old.title, new.title)
    return renamed if renamed not in (title, new.title) else ""


def _node(workflow: Workflow, node_id: str) -> NodeData:
    if node_id not in workflow.nodes:
        raise UnknownNode(node_id, workflow.nodes)
    return workflow.nodes[node_id]
