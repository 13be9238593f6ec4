"""What differs between workflows, node by node.

    differences([before, after], NODES)

Nodes are the same if they have the same id. Titles, positions and the order of nodes do not count, since training does
not depend on them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.graph.form import parameters
from pipeline.graph.node import Link
from pipeline.graph.registry import Registry
from pipeline.graph.workflow import Json, NodeData, Workflow, as_link


@dataclass(frozen=True)
class NodeDifference:
    """A node that is not the same in all n workflows. Each tuple has n entries, in the order of the workflows.

    nodes: the node in each, None where there is none. parameters: those whose values differ, by name, with the value
    that holds in each; None where there is no node. links: those inputs whose source differs, by name; None also where
    it is not connected. Of nodes of several types, only the parameters and links that all of them have are compared.
    """

    node: str
    nodes: tuple[NodeData | None, ...]
    parameters: Mapping[str, tuple[Json, ...]] = field(default_factory=dict)
    links: Mapping[str, tuple[Link | None, ...]] = field(default_factory=dict)

    @property
    def missing(self) -> bool:
        """Whether some of the workflows do not have the node."""
        return None in self.nodes

    @property
    def types(self) -> tuple[str | None, ...]:
        """The node's class_type in each workflow."""
        return tuple(None if each is None else each.class_type for each in self.nodes)

    @property
    def replaced(self) -> bool:
        """Whether it is of several types."""
        return len({each for each in self.types if each is not None}) > 1

    @property
    def bypassed(self) -> tuple[bool | None, ...]:
        """Whether it is bypassed in each workflow."""
        return tuple(None if each is None else each.bypassed for each in self.nodes)

    @property
    def switched(self) -> bool:
        """Whether it is bypassed in some workflows and not in others."""
        return len({each for each in self.bypassed if each is not None}) > 1


def differences(workflows: Sequence[Workflow], registry: Registry) -> tuple[NodeDifference, ...]:
    """The nodes that differ between n workflows, in the order of the first that has them.

    A parameter that a document leaves out has its default. Of an unknown type, everything in the document is compared.
    """
    ids = dict.fromkeys(node_id for workflow in workflows for node_id in workflow.nodes)
    found = (_difference(node_id, [each.nodes.get(node_id) for each in workflows], registry) for node_id in ids)
    return tuple(each for each in found if each is not None)


def _difference(node_id: str, nodes: Sequence[NodeData | None], registry: Registry) -> NodeDifference | None:
    present = [each for each in nodes if each is not None]
    values = [_values(each, registry) for each in present]
    names = [name for name in values[0] if all(name in each for each in values)]
    changed = [name for name in names if any(each[name] != values[0][name] for each in values)]
    links = [dict(each.links()) for each in present]
    wired = dict.fromkeys(name for each in links for name in each)
    rewired = [name for name in wired if any(each.get(name) != links[0].get(name) for each in links)]
    if len({each.class_type for each in present}) > 1:
        # Another type may lack the input.
        rewired = [name for name in rewired if all(name in each for each in links)]
    # The values of the nodes that there are, in turn.
    place = [None if each is None else present.index(each) for each in nodes]
    found = NodeDifference(
        node=node_id,
        nodes=tuple(nodes),
        parameters={name: tuple(None if at is None else values[at][name] for at in place) for name in changed},
        links={name: tuple(None if at is None else links[at].get(name) for at in place) for name in rewired},
    )
    differs = found.missing or found.replaced or found.switched or found.parameters or found.links
    return found if differs else None


def _values(node: NodeData, registry: Registry) -> dict[str, Json]:
    """The values of a node's parameters, by name."""
    node_class = registry.get(node.class_type)
    if node_class is not None:
        return {each.name: each.value(node) for each in parameters(node_class)}
    return {name: value for name, value in node.inputs.items() if as_link(value) is None}
