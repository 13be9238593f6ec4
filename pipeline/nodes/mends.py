"""What warnings of nodes have in common: the changes that mend them, and the warning that a node does nothing."""

import math
from collections.abc import Iterator
from functools import partial

from pipeline.formatting import plain
from pipeline.graph import edit
from pipeline.graph.check import Report
from pipeline.graph.findings import CheckWarning, Mend
from pipeline.graph.form import Literals, parameters
from pipeline.graph.node import Node
from pipeline.graph.registry import Registry
from pipeline.graph.workflow import Workflow


def setting(report: Report, node_id: str, name: str, value: Literals, label: str = "") -> Mend:
    """Set a parameter. label: of the button, such as "Remove batch norm"; "" for one like "Set weight to 10"."""
    words = next(each.label for each in parameters(type(report.nodes[node_id])) if each.name == name)
    # A label begins with a capital, unless it is an abbreviation such as "EMA half-life".
    words = words if words[:2].isupper() else words[:1].lower() + words[1:]
    shown = plain(value) if isinstance(value, int | float) and not isinstance(value, bool) else str(value)
    does = f"Sets {words} of {report.names[node_id]} to {shown}."
    return Mend(label or f"Set {words} to {shown}", partial(_set, node_id, name, value), does)


def default(report: Report, node_id: str, name: str) -> Mend:
    """Set a parameter to its default."""
    return setting(report, node_id, name, type(report.nodes[node_id]).model_fields[name].default)


def idle(report: Report, node_id: str, name: str) -> Iterator[CheckWarning]:
    """Yield a warning if this parameter, without which its node does nothing, is 0."""
    node = report.nodes[node_id]
    if getattr(node, name) == 0:
        label = next(each.label for each in parameters(type(node)) if each.name == name)
        yield CheckWarning(node_id, f"{label} is 0: this node does nothing.", default(report, node_id, name))


def inserting(report: Report, node_class: type[Node], after: str, label: str) -> Mend:
    """Insert a node with default parameters into the wires that leave node `after`."""
    does = f"Inserts {node_class.title} after {report.names[after]}."
    return Mend(label, partial(_insert, node_class.__name__, after), does)


def _set(node_id: str, name: str, value: Literals, workflow: Workflow, registry: Registry) -> Workflow:
    return edit.set_parameter(workflow, node_id, name, value, registry)


def _insert(class_type: str, after: str, workflow: Workflow, registry: Registry) -> Workflow:
    changed, _ = edit.insert_node(workflow, class_type, after, registry)
    return changed


def rounded_down(value: float) -> int:
    """The largest whole number of one significant digit that is not above `value`, at least 1."""
    unit: int = 10 ** math.floor(math.log10(max(1.0, value)))
    return max(1, math.floor(value / unit) * unit)
