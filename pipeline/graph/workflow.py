"""A workflow as plain data: nodes by id, with inputs that are literals or links, in the shape of ComfyUI's API format.

A workflow may be invalid: a node type may be unknown, a link may have no source. `check.py` reports that.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from pipeline.graph.node import Link

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"


def as_link(value: object) -> Link | None:
    """The link in an input's value `["node id", output index]`; None if the value is a literal."""
    if not isinstance(value, list) or len(value) != 2:
        return None
    node, output = value
    if not isinstance(node, str) or not isinstance(output, int) or isinstance(output, bool):
        return None
    return Link(node, output)


@dataclass(frozen=True)
class NodeData:
    """One node as in the document. `inputs` are parameters (literals) and wires (links), by field name.

    bypassed: its input takes the place of its output (`bypass.py`).
    """

    class_type: str
    inputs: Mapping[str, Json]
    title: str = ""
    bypassed: bool = False

    def links(self) -> Iterator[tuple[str, Link]]:
        """(input name, link) of every input that is a link."""
        for name, value in self.inputs.items():
            if link := as_link(value):
                yield name, link


@dataclass(frozen=True)
class Workflow:
    """Nodes by id, in the order of the document. Treated as immutable: `edit.py` returns changed copies."""

    name: str
    nodes: Mapping[str, NodeData]
    description: str = ""

    def parents(self) -> dict[str, list[str]]:
        """The nodes that each node is wired to; links to missing nodes are left out."""
        return {
            node_id: list(dict.fromkeys(link.node for _, link in node.links() if link.node in self.nodes))
            for node_id, node in self.nodes.items()
        }


def flow_order(parents: Mapping[str, Collection[str]]) -> tuple[list[str], list[list[str]]]:
    """The nodes in topological order, and the cycles that had to be cut for that.

    A cycle is listed in the direction of flow, from the node that comes first in `parents`; it is cut before that node.
    """
    order: list[str] = []
    cycles: list[list[str]] = []
    waiting = dict(parents)
    while waiting:
        ready = [node for node, above in waiting.items() if not any(parent in waiting for parent in above)]
        if not ready:
            cycles.append(_cycle(waiting))
            ready = cycles[-1][:1]
        for node in ready:
            del waiting[node]
        order += ready
    return order, cycles


def ancestors(node_id: str, parents: Mapping[str, Collection[str]]) -> set[str]:
    """All nodes that `node_id` depends on, itself included."""
    found: set[str] = set()
    pending = [node_id]
    while pending:
        node = pending.pop()
        if node not in found:
            found.add(node)
            pending.extend(parents[node])
    return found


def _cycle(waiting: Mapping[str, Collection[str]]) -> list[str]:
    """A cycle among nodes that each wait for another one; following parents must lead to one."""
    path = [next(iter(waiting))]
    while path[-1] not in path[:-1]:
        path.append(next(parent for parent in waiting[path[-1]] if parent in waiting))
    circle = path[path.index(path[-1]) : -1][::-1]
    first = min(range(len(circle)), key=lambda place: list(waiting).index(circle[place]))
    return circle[first:] + circle[:first]
