"""What was changed between two workflows, in words: for the record of a fork, and for its name.

changes = changes_between(before, after, check(after, NODES))
sentence(changes)                      "Generator optimizer · Learning rate 0.0002 → 0.001"
fork_name("dcgan", 1450, changes)      "dcgan, from 1,450, G lr 0.001"
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from pipeline.formatting import plain, shortened
from pipeline.graph.check import Report, title_of
from pipeline.graph.difference import NodeDifference, differences
from pipeline.graph.form import parameters, wires
from pipeline.graph.node import Link
from pipeline.graph.workflow import Json, NodeData, Workflow
from pipeline.nodes.catalogue import NODES
from pipeline.nodes.checked_workflow import CheckedWorkflow
from pipeline.nodes.ports import NetworkPort, OptimizerPort
from pipeline.nodes.titles import distinct_titles

MOST_CHANGES = 3
"""Changes that a sentence names; of further ones it gives the number."""
LONGEST_VALUE = 40
LONGEST_SHORT = 40
LONGEST_BASE = 100
"""Characters of a fork's name that come from its parent."""
_FORMER = re.compile(r", from [0-9][0-9,]*(, .*)?$", re.DOTALL)
_ABBREVIATIONS = {"learning_rate": "lr", "batch_size": "batch", "total_steps": "steps"}
"""Names of parameters -> what practitioners call them in short."""


class Change(NamedTuple):
    """One change. text: with the title of the node and the label of what was changed. short: for a run's name."""

    text: str
    short: str


def changes_between(before: Workflow, after: Workflow, report: Report) -> list[Change]:
    """Every change that leads from one workflow to the other, node by node. A link that follows from an added, a
    removed or a bypassed node is not one by itself.

    report: of the check of `after`.
    """
    titles = {node_id: title_of(node, NODES) for node_id, node in before.nodes.items()} | distinct_titles(report)
    found = differences([before, after], NODES)
    moved = {each.node for each in found if each.missing or each.switched}
    letters = _letters(report)
    return [change for each in found for change in _changes(each, titles, letters, moved)]


def live_change(checked: CheckedWorkflow, key: str, before: float, value: float) -> list[Change]:
    """The change of a live parameter "node.name" from one value to another; empty if they are equal."""
    earlier, later = (with_live(checked.workflow, {key: each}) for each in (before, value))
    return changes_between(earlier, later, checked.report)


def with_live(workflow: Workflow, live: Mapping[str, float]) -> Workflow:
    """The workflow with these values of live parameters, by "node.name"; those that it does not have are left out."""
    nodes = dict(workflow.nodes)
    for key, value in live.items():
        node_id, _, name = key.rpartition(".")
        node_class = NODES.get(nodes[node_id].class_type) if node_id in nodes else None
        kinds = {each.name: each.kind for each in parameters(node_class)} if node_class else {}
        if name in kinds:
            exact: Json = int(value) if kinds[name] == "int" else float(value)
            nodes[node_id] = replace(nodes[node_id], inputs={**nodes[node_id].inputs, name: exact})
    return replace(workflow, nodes=nodes)


def sentence(changes: Sequence[Change]) -> str:
    """The changes as one line; of more than MOST_CHANGES the first, and how many more there are. "" for none."""
    more = len(changes) - MOST_CHANGES
    first = ", ".join(change.text for change in changes[:MOST_CHANGES])
    return f"{first} and {more:,} more" if more > 0 else first


def fork_name(parent: str, step: int, changes: Sequence[Change]) -> str:
    """The name of a fork of the run `parent` at a step: without what tells of a former fork, and with the first
    change."""
    base = shortened(_FORMER.sub("", parent), LONGEST_BASE)
    changed = f", {shortened(changes[0].short, LONGEST_SHORT)}" if changes else ""
    return f"{base}, from {step:,}{changed}"


def _changes(
    found: NodeDifference, titles: Mapping[str, str], letters: Mapping[str, str], moved: set[str]
) -> Iterator[Change]:
    before, after = found.nodes
    title, letter = titles[found.node], letters.get(found.node, "")
    if before is None or after is None:
        short = f"{'with' if before is None else 'without'} {title}"
        yield Change(f"{title} {'added' if before is None else 'removed'}", short)
        return
    if found.switched:
        text = "bypassed" if after.bypassed else "no longer bypassed"
        yield Change(f"{title} {text}", f"{'without' if after.bypassed else 'with'} {title}")
    if found.replaced:
        old, new = _type_title(before), _type_title(after)
        own = "" if title == new else f"{title}: "
        yield Change(f"{own}{old} → {new}", f"{letter} {new}".strip())
    labels = _labels(after)
    for name, (old_value, new_value) in found.parameters.items():
        label, value = labels.get(name, name), _words(new_value)
        short = _ABBREVIATIONS.get(name, label[:1].lower() + label[1:])
        yield Change(f"{title} · {label} {_words(old_value)} → {value}", f"{letter} {short} {value}".strip())
    for name, sources in found.links.items():
        if not moved & {link.node for link in sources if link}:
            label = labels.get(name, name)
            yield Change(f"{title} · {label} {_source(sources[0], titles)} → {_source(sources[1], titles)}",
                         f"{title} from {_source(sources[1], titles)}")  # fmt: skip


def _letters(report: Report) -> dict[str, str]:
    """The initial of the role of each network, and of the optimizer that trains it, by node id; none if the workflow
    has one network, or if two roles share an initial."""
    roles = {}
    for node_id, ports in report.ports.items():
        for port in ports:
            if isinstance(port, OptimizerPort):
                roles[node_id] = port.network.role
            elif isinstance(port, NetworkPort):
                roles[node_id] = port.role
    initials = {role[:1].upper() for role in roles.values()}
    distinct = len(initials) == len(set(roles.values())) > 1
    return {node_id: role[:1].upper() for node_id, role in roles.items()} if distinct else {}


def _labels(node: NodeData) -> dict[str, str]:
    node_class = NODES.get(node.class_type)
    if node_class is None:
        return {}
    labels = {each.name: each.label for each in parameters(node_class)}
    return labels | {each.name: each.label for each in wires(node_class)}


def _type_title(node: NodeData) -> str:
    node_class = NODES.get(node.class_type)
    return node_class.title if node_class else node.class_type


def _source(link: Link | None, titles: Mapping[str, str]) -> str:
    return "none" if link is None else titles.get(link.node, link.node)


def _words(value: Json) -> str:
    match value:
        case bool():
            return "on" if value else "off"
        case int() | float():
            return plain(value)
        case str():
            return shortened(value, LONGEST_VALUE) or "none"
        case _:
            return shortened(str(value), LONGEST_VALUE)
