"""Add a node where it fits, and say which types of node fit where."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from pipeline.graph import edit
from pipeline.graph.connecting import outputs_of, wired_alone
from pipeline.graph.form import pass_through_wire, wires
from pipeline.graph.node import Node
from pipeline.graph.registry import Registry
from pipeline.graph.workflow import Workflow

Fit = Literal["selected", "open", "rest"]
"""How well a type fits: it stacks on or can be wired to the selected node; it fills an unconnected input; neither."""


@dataclass(frozen=True)
class Offer:
    """A type of node that can be added. line: its help in one line. category: the title of its category."""

    class_type: str
    title: str
    line: str
    category: str
    fit: Fit


def offers(workflow: Workflow, selected: str, registry: Registry) -> tuple[Offer, ...]:
    """The types of node that can be added: those that fit the selected node first, then those that fill an unconnected
    input, then the rest by category. selected: id of a node, or ""."""
    categories = list(registry.categories)
    found = [
        Offer(
            node_class.__name__,
            node_class.title,
            one_line(node_class),
            registry.categories[node_class.category].heading,
            _fit(node_class, workflow, selected, registry),
        )
        for node_class in sorted(registry, key=lambda each: categories.index(each.category))
        if node_class.offered
    ]
    return tuple(sorted(found, key=lambda offer: ("selected", "open", "rest").index(offer.fit)))


def matching(found: Iterable[Offer], words: str) -> list[Offer]:
    """The offers whose title, help, category or class name contains every word, those with all words in the title
    first."""
    wanted = words.lower().split()
    matches = [each for each in found if all(word in _searched(each) for word in wanted)]
    return sorted(matches, key=lambda each: not all(word in each.title.lower() for word in wanted))


def one_line(node_class: type[Node]) -> str:
    """The first paragraph of a class's help on one line."""
    return " ".join((node_class.__doc__ or "").strip().partition("\n\n")[0].split())


def place_node(workflow: Workflow, class_type: str, selected: str, registry: Registry) -> tuple[Workflow, str]:
    """Add a node with default parameters, wired where there is only one candidate; return its id too.

    A node that stacks (`pass_through_wire`) is inserted after the selected node or, if that does not fit, after the end
    of the chain of nodes that output the type it takes, if there is just one. `wired_alone` says what else is wired.
    Raises UnknownNodeType.
    """
    wire = pass_through_wire(registry[class_type])
    giving = [
        node_id
        for node_id, node in workflow.nodes.items()
        if wire and (node_class := registry.get(node.class_type)) and 0 in outputs_of(node_class, wire.port)
    ]
    stacked_on = {link.node for node_id in giving for _, link in workflow.nodes[node_id].links()}
    ends = [selected] if selected in giving else [node_id for node_id in giving if node_id not in stacked_on]
    if len(ends) == 1:
        placed, node_id = edit.insert_node(workflow, class_type, ends[0], registry)
    else:
        placed, node_id = edit.add_node(workflow, class_type, registry)
    return wired_alone(placed, node_id, registry, selected), node_id


def _searched(offer: Offer) -> str:
    return " ".join((offer.title, offer.line, offer.category, offer.class_type)).lower()


def _fit(node_class: type[Node], workflow: Workflow, selected: str, registry: Registry) -> Fit:
    chosen = workflow.nodes.get(selected)
    chosen_class = registry.get(chosen.class_type) if chosen else None
    if chosen_class and any(outputs_of(chosen_class, wire.port) for wire in wires(node_class)):
        return "selected"
    filled = {
        node_id
        for node_id, node in workflow.nodes.items()
        if (other_class := registry.get(node.class_type))
        for wire in wires(other_class)
        if wire.name not in node.inputs and outputs_of(node_class, wire.port)
    }
    if selected in filled:
        return "selected"
    return "open" if filled else "rest"
