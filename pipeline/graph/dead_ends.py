"""Nodes that lead nowhere: nothing that is trained or drawn depends on them."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from functools import partial

from pipeline.formatting import listed, shortened
from pipeline.graph.findings import CheckWarning, Mend, Problem
from pipeline.graph.registry import Registry
from pipeline.graph.workflow import NodeData, Workflow, ancestors

MISWIRED = frozenset({"required_input_missing", "bad_linked_input", "return_type_mismatch", "cycle"})
"""Problems after which it is unknown where a node should lead."""


def dead_ends(
    workflow: Workflow, registry: Registry, names: Mapping[str, str], problems: Collection[Problem]
) -> Iterator[CheckWarning]:
    """Yield a warning for every node that gives something that no other node takes, unless a node is not wired yet.

    names: how to name the nodes. Its mend also removes the nodes that only this one needs.
    """
    parents, leading = workflow.parents(), _leading(workflow, registry)
    if not leading or any(each.type in MISWIRED and each.node in leading for each in problems):
        return
    wrong = {problem.node for problem in problems}
    needed = {parent for above in parents.values() for parent in above}
    ends = [node_id for node_id in workflow.nodes if node_id not in leading | needed]
    for end in ends:
        others = {each for other in ends if other != end for each in ancestors(other, parents)}
        gone = [node_id for node_id in workflow.nodes if node_id in ancestors(end, parents) - leading - others]
        if not wrong & set(gone):
            yield CheckWarning(end, *_words_and_mend(gone, [names[node_id] for node_id in gone if node_id != end]))


def _leading(workflow: Workflow, registry: Registry) -> set[str]:
    """The training node, the outputs, and all nodes that they depend on."""
    parents = workflow.parents()
    goals = [
        node_id
        for node_id, node in workflow.nodes.items()
        if (node_class := registry.get(node.class_type)) is None
        or node_class.category == "training"
        or not node_class.outputs
    ]
    return {each for goal in goals for each in ancestors(goal, parents)}


def _words_and_mend(gone: Collection[str], others: Collection[str]) -> tuple[str, Mend]:
    """What to say about a node that leads nowhere, and what it takes to remove it with the other nodes, by name."""
    sentence = "This node leads nowhere: nothing that is trained or drawn uses it."
    label, does = "Remove it", ""
    if others:
        named = listed(map(shortened, others))
        label, does = f"Remove these {len(gone)} nodes", f"Removes {named} with it, which nothing else uses."
    return sentence, Mend(label, partial(_without, frozenset(gone)), does)


def _without(gone: Collection[str], workflow: Workflow, registry: Registry) -> Workflow:
    return replace(
        workflow, nodes={each: _unwired(data, gone) for each, data in workflow.nodes.items() if each not in gone}
    )


def _unwired(data: NodeData, gone: Collection[str]) -> NodeData:
    """The node without wires from those that go. Only a bypassed one, which the check does not see, has any."""
    lost = {name for name, link in data.links() if link.node in gone}
    return replace(data, inputs={name: value for name, value in data.inputs.items() if name not in lost})
