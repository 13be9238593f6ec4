"""Which wires fit: the sources for one input, the wires between two nodes, and those that a new node gives itself."""

from typing import NamedTuple

from pipeline.errors.workflow import UnknownNode
from pipeline.formatting import listed
from pipeline.graph import edit
from pipeline.graph.check import title_of
from pipeline.graph.form import Wire, pass_through_wire, wires
from pipeline.graph.node import Link, Node, Port
from pipeline.graph.registry import Registry
from pipeline.graph.workflow import NodeData, Workflow, ancestors, as_link


class Source(NamedTuple):
    """An output that a wire can be connected to, with the title of its node."""

    node: str
    output: int
    title: str


class Connection(NamedTuple):
    """A wire that fits: input `wire` of node `node`, connected to `source`."""

    node: str
    wire: Wire
    source: Link


def compatible_sources(workflow: Workflow, node_id: str, wire: str, registry: Registry) -> list[Source]:
    """All outputs that `wire` of this node can be connected to: of the right type and not downstream of the node.

    Raises UnknownNode, UnknownNodeType.
    """
    node_class = registry[_node(workflow, node_id).class_type]
    port = next(candidate.port for candidate in wires(node_class) if candidate.name == wire)
    parents = workflow.parents()
    return [
        Source(other_id, output, title_of(other, registry))
        for other_id, other in workflow.nodes.items()
        if (other_class := registry.get(other.class_type)) and node_id not in ancestors(other_id, parents)
        for output in outputs_of(other_class, port)
    ]


def outputs_of(node_class: type[Node], port: type[Port]) -> list[int]:
    """The outputs of a class that a wire of type `port` accepts, by number."""
    return [number for number, output in enumerate(node_class.outputs) if issubclass(output, port)]


def connections(workflow: Workflow, one: str, other: str, registry: Registry) -> list[Connection]:
    """All wires that fit between two nodes, in either direction, those into unconnected inputs first. Wires that exist
    are left out. Raises UnknownNode."""
    parents = workflow.parents()
    found = [
        Connection(to, wire, Link(source, output))
        for source, to in ((one, other), (other, one))
        if (giving := registry.get(_node(workflow, source).class_type))
        and (taking := registry.get(_node(workflow, to).class_type))
        and to not in ancestors(source, parents)
        for wire in wires(taking)
        for output in outputs_of(giving, wire.port)
        if as_link(workflow.nodes[to].inputs.get(wire.name)) != Link(source, output)
    ]
    return sorted(found, key=lambda each: each.wire.name in workflow.nodes[each.node].inputs)


def make(workflow: Workflow, connection: Connection) -> Workflow:
    """Connect this wire, in place of any earlier one. Raises UnknownNode."""
    return edit.connect(workflow, connection.node, connection.wire.name, connection.source)


def why_none(workflow: Workflow, one: str, other: str, registry: Registry) -> str:
    """Why `connections` finds no wire between two nodes, as a sentence. Raises UnknownNode."""
    titles = [title_of(_node(workflow, each), registry) for each in (one, other)]
    both = " and ".join(titles)
    if one == other:
        return f"{titles[0]} cannot be connected to itself."
    parents = workflow.parents()
    if other in parents[one] or one in parents[other]:
        return f"{both} are connected already."
    for above, below in ((one, other), (other, one)):
        if above in ancestors(below, parents) and _takes(workflow, above, below, registry):
            first, last = (title_of(workflow.nodes[each], registry) for each in (above, below))
            return f"{last} depends on {first}: a wire back to {first} would make a circle."
    words = [
        f"{title} takes {_listed(taken)} and gives {_listed(given)}"
        for title, each in zip(titles, (one, other), strict=True)
        for taken, given in [_types(workflow.nodes[each], registry)]
    ]
    return f"No output of {both} fits an input of the other: {'; '.join(words)}."


def wired_alone(workflow: Workflow, node_id: str, registry: Registry, selected: str = "") -> Workflow:
    """Connect the unconnected inputs and outputs of a new node where there is only one candidate. Raises UnknownNode,
    UnknownNodeType.

    An input is connected to the selected node if that fits, else if just one source fits; of a chain of nodes that
    pass an input through, only the end counts. The output is connected to the only unconnected input that takes it,
    unless another fitting output is not in use either.
    """
    for wire in wires(registry[_node(workflow, node_id).class_type]):
        if wire.name not in workflow.nodes[node_id].inputs:
            found = [Link(each.node, each.output) for each in _ends(workflow, node_id, wire, registry)]
            chosen = [link for link in found if link.node == selected] or found
            if len(chosen) == 1:
                workflow = edit.connect(workflow, node_id, wire.name, chosen[0])
    used = {link for node in workflow.nodes.values() for _, link in node.links()}
    waiting = [
        each
        for other_id in workflow.nodes
        if other_id != node_id
        for each in connections(workflow, node_id, other_id, registry)
        if each.source.node == node_id and each.wire.name not in workflow.nodes[each.node].inputs
    ]
    if len(waiting) != 1:
        return workflow
    (only,) = waiting
    rivals = compatible_sources(workflow, only.node, only.wire.name, registry)
    free = [each for each in rivals if each.node != node_id and Link(each.node, each.output) not in used]
    return workflow if free else make(workflow, only)


def _ends(workflow: Workflow, node_id: str, wire: Wire, registry: Registry) -> list[Source]:
    """The compatible sources of a wire, without those that another of them passes through."""
    found = compatible_sources(workflow, node_id, wire.name, registry)
    passed = set()
    for each in found:
        node = workflow.nodes[each.node]
        through = pass_through_wire(registry[node.class_type])
        passed.add(as_link(node.inputs.get(through.name)) if through else None)
    return [each for each in found if Link(each.node, each.output) not in passed]


def _takes(workflow: Workflow, node_id: str, source: str, registry: Registry) -> bool:
    """Whether some input of a node is of the type of some output of another."""
    taking, giving = (registry.get(workflow.nodes[each].class_type) for each in (node_id, source))
    return bool(taking and giving and any(outputs_of(giving, wire.port) for wire in wires(taking)))


def _types(node: NodeData, registry: Registry) -> tuple[list[str], list[str]]:
    """The names of the types of wire that a node takes, and of those that it gives."""
    node_class = registry.get(node.class_type)
    if node_class is None:
        return [], []
    return [wire.port.title for wire in wires(node_class)], [port.title for port in node_class.outputs]


def _listed(types: list[str]) -> str:
    return listed(dict.fromkeys(types)) if types else "nothing"


def _node(workflow: Workflow, node_id: str) -> NodeData:
    if node_id not in workflow.nodes:
        raise UnknownNode(node_id, workflow.nodes)
    return workflow.nodes[node_id]
