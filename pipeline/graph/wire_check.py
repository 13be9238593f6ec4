"""Check how the nodes of a workflow are wired, before anything is inferred."""

from collections.abc import Iterator, Mapping

from pipeline.formatting import shortened
from pipeline.graph.findings import Problem
from pipeline.graph.form import wires
from pipeline.graph.node import Node
from pipeline.graph.registry import Registry
from pipeline.graph.values import shorten
from pipeline.graph.workflow import NodeData, Workflow, as_link


def wire_problems(
    node_id: str,
    data: NodeData,
    node_class: type[Node],
    workflow: Workflow,
    registry: Registry,
    names: Mapping[str, str],
) -> Iterator[Problem]:
    """Yield the problems of a node's wires: not connected, without a source, or from a source of another type.

    names: how to name the nodes.
    """
    for wire in wires(node_class):
        if wire.name not in data.inputs:
            message = f"{wire.label} is not connected; wire the {wire.port.title} of another node to it."
            yield Problem(node_id, "required_input_missing", message, wire.name)
            continue
        value = data.inputs[wire.name]
        link = as_link(value)
        if link is None:
            message = f'{wire.label} must be a link, ["node id", output index], not {shorten(value)}.'
            yield Problem(node_id, "bad_linked_input", message, wire.name, value)
        elif link.node not in workflow.nodes:
            message = f"{wire.label} is wired to a node {shorten(link.node)} that the workflow does not have."
            yield Problem(node_id, "bad_linked_input", message, wire.name, value)
        elif source := registry.get(workflow.nodes[link.node].class_type):
            if not 0 <= link.output < len(source.outputs):
                output = f"output {shorten(link.output)} of {shortened(names[link.node])}"
                message = f"{wire.label} is wired to {output}, which has no such output."
                yield Problem(node_id, "bad_linked_input", message, wire.name, value)
            elif not issubclass(source.outputs[link.output], wire.port):
                title, source_name = source.outputs[link.output].title, shortened(names[link.node])
                message = f"{wire.label} takes the {wire.port.title} of a node, but {source_name} gives {title}."
                details = f"{wire.name}, {title} mismatch {wire.port.title}"
                yield Problem(node_id, "return_type_mismatch", message, wire.name, value, details)


def cycle_problem(cycle: list[str], workflow: Workflow, names: Mapping[str, str]) -> Problem:
    """The problem of nodes that feed each other, at the first of them."""
    closing = next(name for name, link in workflow.nodes[cycle[0]].links() if link.node == cycle[-1])
    shown = cycle if len(cycle) <= 12 else [*cycle[:10], "…", cycle[-1]]
    circle = " → ".join(shortened(names.get(each, each)) for each in [*shown, cycle[0]])
    message = f"These nodes feed each other in a circle: {circle}. Remove one of these wires."
    return Problem(cycle[0], "cycle", message, closing, workflow.nodes[cycle[0]].inputs[closing])
