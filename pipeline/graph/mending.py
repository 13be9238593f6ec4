"""What mends the problems of a workflow, where that is obvious: each mend is tried before it is offered."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from pipeline.formatting import plain
from pipeline.graph import edit
from pipeline.graph.check import Report, check
from pipeline.graph.connecting import compatible_sources
from pipeline.graph.findings import Mend, Problem
from pipeline.graph.fitting import better, changes, fit
from pipeline.graph.form import Parameter, parameters, pass_through_wire, wires
from pipeline.graph.node import Link
from pipeline.graph.registry import Registry
from pipeline.graph.workflow import Json, Workflow, as_link

MOST_SOURCES = 8
"""Maximum number of sources that are tried for a wire."""


def mend_of(report: Report, problem: Problem, registry: Registry) -> Mend | None:
    """The change that mends this problem of the report; None if there is no obvious one."""
    node_class = registry.get(report.workflow.nodes[problem.node].class_type) if problem.node else None
    if problem.node is None or node_class is None:
        return None
    known = {each.name: each for each in parameters(node_class)}
    match problem.type:
        case "unknown_input":
            return Mend("Remove it", partial(_reset, problem), f"Removes the input {problem.input_name}.")
        case "cycle":
            return Mend("Disconnect", partial(_reset, problem), f"Disconnects {problem.input_name} of this node.")
        case "shape_mismatch":
            tries = (_connected, _another, _removed)
            return _fit_it(report, registry) or next(
                (mend for each in tries if (mend := each(report, problem, registry))), None
            )
        case _ if problem.input_name in known:
            return _valid_value(problem, known[problem.input_name])
        case _:
            return _connected(report, problem, registry) or _removed(report, problem, registry)


def _valid_value(problem: Problem, parameter: Parameter) -> Mend:
    """Set a parameter to the nearest value of its range, or to its default."""
    value = {"value_smaller_than_min": parameter.minimum, "value_bigger_than_max": parameter.maximum}.get(problem.type)
    if value is None:
        shown = str(parameter.default).lower() if isinstance(parameter.default, bool) else str(parameter.default)
        return Mend("Reset it", partial(_reset, problem), f"Sets {parameter.label.lower()} to its default, {shown}.")
    value = int(value) if parameter.kind == "int" else value
    return Mend(f"Set to {plain(value)}", partial(_set, problem, value), f"Sets {parameter.label.lower()}.")


def _fit_it(report: Report, registry: Registry) -> Mend | None:
    """Make all nodes fit; None if that is not enough."""
    for workflow in (report.workflow, *_other_sizes(report, registry)):
        fitted = fit(workflow, registry).workflow
        if fitted != report.workflow and better(report, check(fitted, registry)):
            words = "; ".join(changes(report.workflow, fitted, registry))
            return Mend("Fit it", partial(_fitted, report.workflow, fitted), f"Sets {words}.")
    return None


def _other_sizes(report: Report, registry: Registry) -> Iterator[Workflow]:
    """The workflow with its real images in the size of each network: not every network can take the size they have."""
    sized = {node_id: node for node_id, node in report.nodes.items() if "image_size" in type(node).model_fields}
    sizes = {getattr(node, "image_size") for node in sized.values() if node.category != "real"}  # noqa: B009
    for node_id in (each for each, node in sized.items() if node.category == "real"):
        for size in sorted(sizes):
            yield edit.set_parameter(report.workflow, node_id, "image_size", size, registry)


def _connected(report: Report, problem: Problem, registry: Registry) -> Mend | None:
    """Connect a wire to the only node that fits."""
    node_id, name = problem.node or "", problem.input_name
    if name not in [each.name for each in wires(registry[report.workflow.nodes[node_id].class_type])]:
        return None
    now = as_link(report.workflow.nodes[node_id].inputs.get(name))
    sources = compatible_sources(report.workflow, node_id, name, registry)[:MOST_SOURCES]
    links = {Link(each.node, each.output): each for each in sources}
    links.pop(now, None)  # type: ignore[arg-type]  # None is no key
    tried = {link: check(edit.connect(report.workflow, node_id, name, link), registry) for link in links}
    solving = [link for link, after in tried.items() if better(report, after)]
    if not solving and len(tried) == 1:
        # The only possible source, even if what it gives shows another problem.
        solving = [link for link, after in tried.items() if not _has(after, problem)]
    if len(solving) != 1:
        return None
    (link,) = solving
    does = f"Connects {name.replace('_', ' ')} to {report.names[link.node]}."
    return Mend("Connect", partial(_connect, node_id, name, link), does)


def _another(report: Report, problem: Problem, registry: Registry) -> Mend | None:
    """Copy the node behind a wire, such as an optimizer, for another source than its own."""
    link = as_link(report.workflow.nodes[problem.node or ""].inputs.get(problem.input_name))
    if link is None or link.node not in report.nodes:
        return None
    chain = _chain(report, link.node)
    (wire, *others) = wires(type(report.nodes[chain[-1]])) or (None,)
    if wire is None or others:
        return None
    for source in reversed(compatible_sources(report.workflow, chain[-1], wire.name, registry)[:MOST_SOURCES]):
        change = partial(_copy, tuple(chain), wire.name, Link(source.node, source.output), problem)
        if better(report, check(change(report.workflow, registry), registry)):
            title = type(report.nodes[chain[-1]]).title
            return Mend(f"Add another {title}", change, f"Adds a copy of it for {report.names[source.node]}.")
    return None


def _chain(report: Report, node_id: str) -> list[str]:
    """The node, and below it those that it is stacked on, the lowest last."""
    wire = pass_through_wire(type(report.nodes[node_id]))
    link = getattr(report.nodes[node_id], wire.name) if wire else None
    return [node_id, *_chain(report, link.node)] if link and link.node in report.nodes else [node_id]


def _removed(report: Report, problem: Problem, registry: Registry) -> Mend | None:
    """Remove a node that is stacked on another, or that nothing uses, if that brings no problem."""
    for node_id in dict.fromkeys(filter(None, (problem.node, problem.found_at))):
        node_class = registry[report.workflow.nodes[node_id].class_type]
        unused = node_class.outputs and all(node_id not in above for above in report.workflow.parents().values())
        if pass_through_wire(node_class) or (unused and node_class.category != "training"):
            mend = Mend("Remove it", partial(_remove, node_id), f"Removes {report.names[node_id]}.")
            if better(report, check(mend.change(report.workflow, registry), registry)):
                return mend
    return None


def _has(report: Report, problem: Problem) -> bool:
    return any((each.node, each.input_name) == (problem.node, problem.input_name) for each in report.problems)


def _reset(problem: Problem, workflow: Workflow, registry: Registry) -> Workflow:
    return edit.reset_parameter(workflow, problem.node or "", problem.input_name)


def _set(problem: Problem, value: Json, workflow: Workflow, registry: Registry) -> Workflow:
    return edit.set_parameter(workflow, problem.node or "", problem.input_name, value, registry)


def _connect(node_id: str, name: str, link: Link, workflow: Workflow, registry: Registry) -> Workflow:
    return edit.connect(workflow, node_id, name, link)


def _remove(node_id: str, workflow: Workflow, registry: Registry) -> Workflow:
    return edit.remove_node(workflow, node_id, registry)


def _fitted(before: Workflow, after: Workflow, workflow: Workflow, registry: Registry) -> Workflow:
    """Set in `workflow` what differs between two versions of it."""
    for node_id, node in after.nodes.items():
        for name, value in node.inputs.items():
            if value != before.nodes[node_id].inputs.get(name):
                workflow = edit.set_parameter(workflow, node_id, name, value, registry)
    return workflow


def _copy(
    chain: Sequence[str], wire: str, source: Link, problem: Problem, workflow: Workflow, registry: Registry
) -> Workflow:
    """Copy a chain of stacked nodes, wire its lowest to `source`, and the input at fault to its highest."""
    above = source
    for place, original in enumerate(reversed(chain)):
        node = workflow.nodes[original]
        workflow, node_id = edit.add_node(workflow, node.class_type, registry)
        stacks = pass_through_wire(registry[node.class_type])
        name = stacks.name if place and stacks else wire
        # Without its title, which names what the original is for.
        workflow = edit.replace_node(workflow, node_id, replace(node, title=""))
        workflow = edit.connect(workflow, node_id, name, above)
        above = Link(node_id)
    return edit.connect(workflow, problem.node or "", problem.input_name, above)
