"""Edits of a workflow: each function returns a changed copy, so undo only has to keep the old ones.

The result of an edit may be invalid (a value out of range, a missing wire), because people edit in steps. Only edits of
a node or parameter that does not exist are refused.
"""

import json
import re
from collections.abc import Container, Iterable
from dataclasses import dataclass, replace

from pipeline.errors.workflow import CannotInsert, InvalidValue, UnknownNode, UnknownParameter, UnreadableSetting
from pipeline.graph.bypass import can_be_bypassed, set_bypassed
from pipeline.graph.check import check, title_of
from pipeline.graph.form import Parameter, parameters, pass_through_wire, wires
from pipeline.graph.node import Link, Port
from pipeline.graph.registry import Registry
from pipeline.graph.workflow import Json, NodeData, Workflow


def add_node(workflow: Workflow, class_type: str, registry: Registry) -> tuple[Workflow, str]:
    """Add a node with default parameters and no wires; return its id too. Raises UnknownNodeType."""
    base = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", registry[class_type].__name__).lower()
    node_id = free_id(base, workflow.nodes)
    return _with_node(workflow, node_id, NodeData(class_type, {})), node_id


def free_id(base: str, taken: Container[str]) -> str:
    """`base` if no node has this id, else with the first number from 2 on that makes it new."""
    node_id, number = base, 1
    while node_id in taken:
        number += 1
        node_id = f"{base}_{number}"
    return node_id


def insert_node(workflow: Workflow, class_type: str, after: str, registry: Registry) -> tuple[Workflow, str]:
    """Insert a node with default parameters into the wires that leave node `after`; return its id too.

    The new node is wired to `after`, and the nodes that were wired to `after` are wired to the new node. Raises
    UnknownNode, UnknownNodeType, and CannotInsert if the node's input and output are not of the type that `after`
    outputs.
    """
    node_class = registry[class_type]
    wire = pass_through_wire(node_class)
    before = _node(workflow, after)
    if wire is None or not _gives(before, wire.port, registry):
        raise CannotInsert(node_class.title, title_of(before, registry))
    inserted, node_id = add_node(workflow, class_type, registry)
    for other_id, other in workflow.nodes.items():
        for name, link in other.links():
            if link == Link(after) and _takes(other, name, node_class.outputs[0], registry):
                inserted = connect(inserted, other_id, name, Link(node_id))
    return connect(inserted, node_id, wire.name, Link(after)), node_id


def remove_node(workflow: Workflow, node_id: str, registry: Registry) -> Workflow:
    """Remove a node and the wires that come from it. Raises UnknownNode.

    If it stacks, the nodes wired to it are wired to the node it was stacked on, which undoes `insert_node`.
    """
    node = _node(workflow, node_id)
    node_class = registry.get(node.class_type)
    wire = pass_through_wire(node_class) if node_class else None
    under = next((link for name, link in node.links() if wire is not None and name == wire.name), None)
    joined = workflow
    if under is not None and under.node in workflow.nodes:
        for other_id, other in workflow.nodes.items():
            for name, link in other.links():
                if link == Link(node_id):
                    joined = connect(joined, other_id, name, under)
    return replace(
        workflow,
        nodes={
            other_id: _without_inputs(other, {name for name, link in other.links() if link.node == node_id})
            for other_id, other in joined.nodes.items()
            if other_id != node_id
        },
    )


def replace_node(workflow: Workflow, node_id: str, node: NodeData) -> Workflow:
    """Put another node under this id; the wires from the old node now come from it. Raises UnknownNode."""
    _node(workflow, node_id)
    return _with_node(workflow, node_id, node)


def rename_node(workflow: Workflow, node_id: str, title: str) -> Workflow:
    """Change a node's title, but not its id; an empty title restores that of its type. Raises UnknownNode."""
    return _with_node(workflow, node_id, replace(_node(workflow, node_id), title=title))


def set_parameter(workflow: Workflow, node_id: str, name: str, value: Json, registry: Registry) -> Workflow:
    """Set a parameter, without checking its range. Raises UnknownNode, UnknownParameter."""
    node = _node(workflow, node_id)
    _parameter(node, node_id, name, registry)
    return _with_node(workflow, node_id, replace(node, inputs={**node.inputs, name: value}))


def set_valid_parameter(workflow: Workflow, node_id: str, name: str, value: Json, registry: Registry) -> Workflow:
    """Set a parameter if its own type and range allow the value; problems elsewhere in the workflow are ignored.

    Raises InvalidValue if they do not, UnknownNode, UnknownParameter.
    """
    changed = set_parameter(workflow, node_id, name, value, registry)
    for problem in check(changed, registry).problems:
        if (problem.node, problem.input_name) == (node_id, name) and problem.type != "shape_mismatch":
            raise InvalidValue(problem.message)
    return changed


def reset_parameter(workflow: Workflow, node_id: str, name: str) -> Workflow:
    """Reset a parameter to its default. Raises UnknownNode."""
    return _with_node(workflow, node_id, _without_inputs(_node(workflow, node_id), {name}))


def connect(workflow: Workflow, node_id: str, wire: str, source: Link) -> Workflow:
    """Connect input `wire` of a node to `source`, replacing any earlier connection. Raises UnknownNode."""
    _node(workflow, source.node)
    node = _node(workflow, node_id)
    return _with_node(workflow, node_id, replace(node, inputs={**node.inputs, wire: [source.node, source.output]}))


def disconnect(workflow: Workflow, node_id: str, wire: str) -> Workflow:
    """Disconnect input `wire` of a node. Raises UnknownNode."""
    return _with_node(workflow, node_id, _without_inputs(_node(workflow, node_id), {wire}))


def apply_settings(workflow: Workflow, settings: Iterable[str], registry: Registry) -> Workflow:
    """Apply each `NODE.PARAMETER=VALUE`. Numbers and booleans are written as in JSON; anything else is text.

    `NODE.bypass=true` bypasses a node that passes an input through, `NODE.bypass=false` uses it again. Raises
    UnreadableSetting, InvalidValue, UnknownNode, UnknownParameter.
    """
    for setting in settings:
        place, equals, text = setting.partition("=")
        node_id, dot, name = place.strip().rpartition(".")
        if not (equals and dot and node_id and name):
            raise UnreadableSetting(setting)
        node = _node(workflow, node_id)
        if name == "bypass" and _bypasses(node, registry):
            if (switch := _literal(text.strip())) not in (True, False):
                raise InvalidValue(f"Bypass is {text.strip()[:60]!r}, not true or false.")
            workflow = set_bypassed(workflow, node_id, bool(switch), registry)
            continue
        kind = _parameter(node, node_id, name, registry).kind
        # Text that looks like a number (a list of one width, a name) stays text.
        value = text.strip() if kind in ("text", "choice") else _literal(text.strip())
        workflow = set_parameter(workflow, node_id, name, value, registry)
    return workflow


@dataclass(frozen=True)
class UndoHistory:
    """A workflow with its undo and redo stacks. Immutable."""

    present: Workflow
    past: tuple[Workflow, ...] = ()
    future: tuple[Workflow, ...] = ()

    def push(self, workflow: Workflow) -> "UndoHistory":
        """The history after an edit, with an empty redo stack. An edit without a change adds nothing."""
        if workflow == self.present:
            return self
        return UndoHistory(workflow, (*self.past, self.present))

    def undo(self) -> "UndoHistory":
        """The history one edit back; unchanged if there is nothing to undo."""
        if not self.past:
            return self
        return UndoHistory(self.past[-1], self.past[:-1], (self.present, *self.future))

    def redo(self) -> "UndoHistory":
        """The history one edit forward; unchanged if there is nothing to redo."""
        if not self.future:
            return self
        return UndoHistory(self.future[0], (*self.past, self.present), self.future[1:])


def _bypasses(node: NodeData, registry: Registry) -> bool:
    """Whether `bypass` is the switch of this node, not a parameter of a custom class."""
    own = parameters(registry[node.class_type])
    return can_be_bypassed(node, registry) and all(each.name != "bypass" for each in own)


def _gives(node: NodeData, port: type[Port], registry: Registry) -> bool:
    """Whether the first output of this node can be connected to a wire of type `port`."""
    node_class = registry.get(node.class_type)
    return node_class is not None and any(issubclass(each, port) for each in node_class.outputs[:1])


def _takes(node: NodeData, name: str, port: type[Port], registry: Registry) -> bool:
    """Whether the wire `name` of this node accepts an output of type `port`."""
    node_class = registry.get(node.class_type)
    accepted = [wire.port for wire in wires(node_class) if wire.name == name] if node_class else []
    return any(issubclass(port, each) for each in accepted)


def _node(workflow: Workflow, node_id: str) -> NodeData:
    if node_id not in workflow.nodes:
        raise UnknownNode(node_id, workflow.nodes)
    return workflow.nodes[node_id]


def _parameter(node: NodeData, node_id: str, name: str, registry: Registry) -> Parameter:
    known = {parameter.name: parameter for parameter in parameters(registry[node.class_type])}
    if name not in known:
        raise UnknownParameter(node_id, name, known)
    return known[name]


def _with_node(workflow: Workflow, node_id: str, node: NodeData) -> Workflow:
    return replace(workflow, nodes={**workflow.nodes, node_id: node})


def _without_inputs(node: NodeData, names: set[str]) -> NodeData:
    return replace(node, inputs={name: value for name, value in node.inputs.items() if name not in names})


def _literal(text: str) -> Json:
    try:
        value: Json = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return value
