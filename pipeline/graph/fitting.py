"""Make the nodes of a workflow fit together: set the parameters that the nodes themselves ask for.

A node whose `infer` raises Misfit may name the value that would fit (`Misfit.value`). `fit` sets these values, checks
again, and goes on until no node asks for one.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from pipeline.graph import edit
from pipeline.graph.check import Report, check
from pipeline.graph.findings import Problem
from pipeline.graph.form import parameters
from pipeline.graph.registry import Registry
from pipeline.graph.workflow import Json, Workflow

MOST_ROUNDS = 12
"""Each round may show what the last one has hidden: first the size, then the number of channels, then the classes."""


@dataclass(frozen=True)
class Fitted:
    """A workflow whose nodes were made to fit. changes: what was set, in words; none if nothing was."""

    workflow: Workflow
    changes: tuple[str, ...] = ()


def fit(workflow: Workflow, registry: Registry, only: Collection[str] | None = None) -> Fitted:
    """Set what nodes ask for, until they fit or ask for nothing more. only: ids of nodes to change; None for all."""
    fitted, seen = workflow, [workflow]
    allowed = workflow.nodes if only is None else only
    for _ in range(MOST_ROUNDS):
        report = check(fitted, registry)
        wanted = [problem for problem in report.problems if _settable(problem, report) and problem.node in allowed]
        for problem in wanted:
            fitted = edit.set_parameter(fitted, problem.node or "", problem.input_name, problem.wanted, registry)
        # Two nodes may ask for values that the other refuses, in turn.
        if not wanted or fitted in seen:
            break
        seen.append(fitted)
    return Fitted(fitted, tuple(changes(workflow, fitted, registry)))


def better(before: Report, after: Report) -> bool:
    """Whether a change leaves fewer problems and brings none."""
    old, new = _places(before), _places(after)
    return len(after.problems) < len(before.problems) and new <= old


def changes(before: Workflow, after: Workflow, registry: Registry) -> Iterator[str]:
    """Yield the parameters that differ at each node of two workflows with the same nodes: `Decoded image size 32,
    channels 3`."""
    names = check(after, registry).names
    # A node of an unknown type is never set.
    for node_id, node in after.nodes.items():
        if before.nodes[node_id] == node:
            continue
        words = [
            f"{each.label.lower()} {_shown(each.value(node))}"
            for each in parameters(registry[node.class_type])
            if each.value(node) != each.value(before.nodes[node_id])
        ]
        if words:
            yield f"{names[node_id]} {', '.join(words)}"


def _places(report: Report) -> set[tuple[str | None, str, str]]:
    return {(problem.node, problem.type, problem.input_name) for problem in report.problems}


def _settable(problem: Problem, report: Report) -> bool:
    node = report.nodes.get(problem.node or "")
    if node is None or problem.wanted is None:
        return False
    return problem.input_name in [each.name for each in parameters(type(node))]


def _shown(value: Json) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:,}" if isinstance(value, int) else str(value)
