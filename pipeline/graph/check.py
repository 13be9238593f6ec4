"""Find all problems of a workflow at once, without building anything.

`check` makes two passes. The first validates each node alone: type, parameters, wires. The second visits the valid
nodes in topological order and calls `infer` on each, which finds shapes that do not fit.
Only the node at fault is reported; nodes downstream of it are skipped.

As data, errors have ComfyUI's shape and type names (`required_input_missing`, `return_type_mismatch`, ...), plus
`unknown_node_type`, `unknown_input`, `cycle`, `shape_mismatch`, `no_training_node`, `too_many_nodes` and
`cannot_bypass`.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from pipeline.errors.base import GenscopeError
from pipeline.formatting import describe_error
from pipeline.graph.bypass import can_be_bypassed, without_bypassed
from pipeline.graph.dead_ends import dead_ends
from pipeline.graph.findings import CheckWarning, Problem
from pipeline.graph.form import wires
from pipeline.graph.node import Link, Misfit, Node, Port, Remarks
from pipeline.graph.registry import Registry
from pipeline.graph.values import validate
from pipeline.graph.wire_check import cycle_problem, wire_problems
from pipeline.graph.workflow import NodeData, Workflow, as_link, flow_order


@dataclass(frozen=True)
class Report:
    """The result of `check`.

    workflow: what was checked, without its bypassed nodes. titles: of all nodes, bypassed ones included. names: the
    same, with the id in parentheses where two nodes share a title. problems: all problems, grouped by node. nodes:
    validated instances of the nodes that are valid by themselves. ports: the ports that each node's `infer` returned,
    one per output. order: the nodes in `ports`, in topological order. remarks: what these nodes say about their input
    from outside, for those that say something. warnings: what is probably not meant; it does not prevent training.
    """

    workflow: Workflow
    titles: Mapping[str, str]
    names: Mapping[str, str]
    problems: tuple[Problem, ...] = ()
    nodes: Mapping[str, Node] = field(default_factory=dict)
    ports: Mapping[str, tuple[Port, ...]] = field(default_factory=dict)
    order: tuple[str, ...] = ()
    remarks: Mapping[str, Remarks] = field(default_factory=dict)
    warnings: tuple[CheckWarning, ...] = ()

    @property
    def doubts(self) -> tuple[CheckWarning, ...]:
        """The warnings about the workflow itself, without those about its input from outside."""
        outside = {warning for remarks in self.remarks.values() for warning in remarks.warnings}
        return tuple(warning for warning in self.warnings if warning.message not in outside)

    @property
    def ok(self) -> bool:
        """Whether the workflow can be built."""
        return not self.problems

    @property
    def node_errors(self) -> dict[str, dict[str, Any]]:
        """Problems by node id: `{"class_type": ..., "errors": [...]}`."""
        errors: dict[str, dict[str, Any]] = {}
        for problem in self.problems:
            if problem.node is not None:
                entry = {"class_type": self.workflow.nodes[problem.node].class_type, "errors": []}
                errors.setdefault(problem.node, entry)["errors"].append(problem.as_dict())
        return errors

    @property
    def workflow_errors(self) -> list[dict[str, Any]]:
        """Problems of the workflow as a whole."""
        return [problem.as_dict() for problem in self.problems if problem.node is None]

    def sentence(self, problem: Problem | CheckWarning) -> str:
        """The message with the node's id and title: `data (Digits): Image size is 30, ...`."""
        if problem.node is None:
            return problem.message
        return f"{problem.node} ({self.titles[problem.node]}): {problem.message}"

    def sentences(self) -> list[str]:
        """All problems as sentences that name the node."""
        return [self.sentence(problem) for problem in self.problems]

    def as_dict(self) -> dict[str, Any]:
        """The report for `--json`."""
        return {
            "ok": self.ok,
            "node_errors": self.node_errors,
            "workflow_errors": self.workflow_errors,
            "found": {node: remarks.line for node, remarks in self.remarks.items() if remarks.line},
            "warnings": [warning.as_dict() for warning in self.warnings],
        }


def check(
    workflow: Workflow, registry: Registry, known: Mapping[str, tuple[Port, ...]] = MappingProxyType({})
) -> Report:
    """Return all problems of a workflow, and the ports of its valid nodes. Allocates no network and reads no data.

    known: the ports of nodes that are not asked for them, by node id. A run records what its data nodes gave when it
    was started, so that it can be drawn from without its images.
    """
    titles = {node_id: title_of(data, registry) for node_id, data in workflow.nodes.items()}
    names = _names(titles)
    workflow = without_bypassed(workflow, registry)
    found = [*_census(workflow, registry), *_bypass_problems(workflow, registry)]
    nodes: dict[str, Node] = {}
    for node_id, data in workflow.nodes.items():
        node, faults = _examine(node_id, data, workflow, registry, names)
        found += faults
        if node is not None:
            nodes[node_id] = node

    order, cycles = flow_order(workflow.parents())
    found += [cycle_problem(cycle, workflow, names) for cycle in cycles]

    ports: dict[str, tuple[Port, ...]] = {}
    for node_id in order:
        if node_id in nodes:
            result = known.get(node_id) or _infer(node_id, nodes[node_id], ports, workflow)
            if isinstance(result, Problem):
                found.append(result)
            elif result is not None:
                ports[node_id] = result

    place: dict[str | None, int] = {node_id: position for position, node_id in enumerate([None, *workflow.nodes])}
    report = Report(
        workflow=workflow,
        titles=titles,
        names=names,
        problems=tuple(sorted(found, key=lambda problem: place[problem.node])),
        nodes=nodes,
        ports=ports,
        order=tuple(node_id for node_id in order if node_id in ports),
        remarks={
            node_id: remarks
            for node_id in order
            if node_id in ports and node_id not in known and any(remarks := _remarks(nodes[node_id]))
        },
    )
    return replace(report, warnings=(*_warnings(report), *dead_ends(workflow, registry, names, report.problems)))


def title_of(node: NodeData, registry: Registry) -> str:
    """The node's title, else the title of its type, else the name of its type."""
    node_class = registry.get(node.class_type)
    return node.title or (node_class.title if node_class else node.class_type)


def _names(titles: Mapping[str, str]) -> dict[str, str]:
    """The title of every node, with its id in parentheses where two nodes share a title."""
    count = Counter(titles.values())
    return {node_id: title if count[title] == 1 else f"{title} ({node_id})" for node_id, title in titles.items()}


def _census(workflow: Workflow, registry: Registry) -> Iterator[Problem]:
    """Problems with the number of nodes of a kind."""
    classes = [node_class for node in workflow.nodes.values() if (node_class := registry.get(node.class_type))]
    training = [node_class for node_class in classes if node_class.category == "training"]
    if not training:
        yield Problem(None, "no_training_node", "The workflow has no training node; add one and wire its inputs.")
    if len(training) > 1:
        message = f"The workflow has {len(training)} training nodes, but a run trains one. Remove the rest."
        yield Problem(None, "too_many_nodes", message)
    for node_class in dict.fromkeys(classes):
        limit, count = node_class.at_most, classes.count(node_class)
        if limit is not None and count > limit:
            message = f"The workflow has {count} nodes of type {node_class.title}; at most {limit} can be used."
            yield Problem(None, "too_many_nodes", message)


def _bypass_problems(workflow: Workflow, registry: Registry) -> Iterator[Problem]:
    """Nodes that are bypassed but pass nothing through; what is wrong with the input of others is found anyway."""
    for node_id, data in workflow.nodes.items():
        if data.bypassed and data.class_type in registry.names() and not can_be_bypassed(data, registry):
            message = "It is bypassed, but its output is not of the type of just one of its inputs. Turn Bypass off."
            yield Problem(node_id, "cannot_bypass", message)


def _examine(
    node_id: str, data: NodeData, workflow: Workflow, registry: Registry, names: Mapping[str, str]
) -> tuple[Node | None, list[Problem]]:
    """Validate one node alone: return the instance, or the problems of its type, wires and parameters."""
    node_class = registry.get(data.class_type)
    if node_class is None:
        class_type = data.class_type[:60]
        message = f"There is no node type {class_type!r}{registry.why_unknown(data.class_type)}"
        return None, [Problem(node_id, "unknown_node_type", message, received=data.class_type)]

    problems = [*wire_problems(node_id, data, node_class, workflow, registry, names)]
    wire_names = {wire.name for wire in wires(node_class)}
    literals = {name: value for name, value in data.inputs.items() if name not in wire_names}
    links = {name: as_link(data.inputs.get(name)) or Link("") for name in wire_names}
    node, faults = validate(node_class, literals, links)
    problems += [Problem(node_id, fault.type, fault.message, fault.name, fault.received) for fault in faults]
    return (None if problems else node), problems


def _remarks(node: Node) -> Remarks:
    """A node's remarks; none if its class is faulty, since nothing depends on them."""
    try:
        return node.remarks()
    except KeyboardInterrupt:
        raise
    except BaseException:  # noqa: BLE001 - a custom class may raise anything
        return Remarks()


def _warnings(report: Report) -> Iterator[CheckWarning]:
    """The warnings of every node whose inputs fit, those about the outside first."""
    for node_id in (each for each in report.workflow.nodes if each in report.ports):
        for sentence in report.remarks.get(node_id, Remarks()).warnings:
            yield CheckWarning(node_id, sentence)
        try:
            yield from tuple(report.nodes[node_id].cautions(node_id, report))
        except KeyboardInterrupt:
            raise
        except BaseException:  # noqa: BLE001 - a custom class may raise anything; nothing depends on its warnings
            continue


def _infer(
    node_id: str, node: Node, ports: Mapping[str, tuple[Port, ...]], workflow: Workflow
) -> tuple[Port, ...] | Problem | None:
    """The ports of a node's outputs; a Problem if its inputs do not fit; None if an input port is unknown."""
    links = {wire.name: getattr(node, wire.name) for wire in wires(type(node))}
    if any(link.node not in ports for link in links.values()):
        return None
    try:
        result = node.infer(**{name: ports[link.node][link.output] for name, link in links.items()})
        outputs = (result,) if len(node.outputs) == 1 else tuple(result or ())
    except Misfit as misfit:
        blamed = links[misfit.wire].node if misfit.wire else node_id
        name = misfit.field or ""
        received = workflow.nodes[blamed].inputs.get(name)
        details, value = misfit.details, misfit.value
        return Problem(blamed, "shape_mismatch", misfit.message, name, received, details, value, node_id)
    except KeyboardInterrupt:
        raise
    except GenscopeError as error:
        return Problem(node_id, "exception_during_validation", str(error))
    except BaseException as error:  # noqa: BLE001 - a custom class may raise anything; check the rest
        message = f"The class of this node is faulty: its infer raises {describe_error(error)}."
        return Problem(node_id, "exception_during_validation", message)
    if len(outputs) != len(node.outputs) or not all(map(isinstance, outputs, node.outputs)):
        declared = ", ".join(port.__name__ for port in node.outputs) or "nothing"
        found = ", ".join(type(port).__name__ for port in outputs) or "nothing"
        message = f"The class of this node is faulty: its infer returns {found}, but its outputs are {declared}."
        return Problem(node_id, "exception_during_validation", message)
    return outputs
