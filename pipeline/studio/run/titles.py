"""Nodes and live parameters of a run as pages name them: by title and label, not by id.

The command line and the records keep the ids, which people type.
"""

import re
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache

from pipeline.formatting import listed, plain
from pipeline.graph.form import parameters
from pipeline.nodes.catalogue import NODES
from pipeline.nodes.ports import OptimizerPort
from pipeline.runs.store import Event, RunRecord
from pipeline.studio import workflows


@lru_cache(maxsize=64)
def node_titles(workflow_text: str, data_text: str = "null") -> Mapping[str, str]:
    """The title of each node, by id. Of nodes with the same title, an optimizer says which network it trains, and
    others say their id."""
    report = workflows.of_run(workflow_text, data_text)
    optimized = {
        node_id: f"{report.titles[node_id]} ({port.network.role})"
        for node_id, ports in report.ports.items()
        for port in ports
        if isinstance(port, OptimizerPort)
    }
    titles = _told_apart(report.titles, optimized)
    return _told_apart(titles, {node_id: f"{title} ({node_id})" for node_id, title in titles.items()})


def _told_apart(titles: Mapping[str, str], longer: Mapping[str, str]) -> dict[str, str]:
    """The titles, with the longer one where several nodes have the same."""
    counts = Counter(titles.values())
    return {node_id: longer.get(node_id, title) if counts[title] > 1 else title for node_id, title in titles.items()}


def parameter_title(run: RunRecord, key: str) -> str:
    """A parameter "node.name" as `Image data · Image size`; unchanged if the run's workflow has none such."""
    node_id, _, name = key.rpartition(".")
    report = workflows.of_run(run.workflow_text, run.data_text)
    node_class = NODES.get(report.workflow.nodes[node_id].class_type) if node_id in report.workflow.nodes else None
    labels = {parameter.name: parameter.label for parameter in parameters(node_class)} if node_class else {}
    return f"{node_titles(run.workflow_text, run.data_text)[node_id]} · {labels[name]}" if name in labels else key


def node_title(run: RunRecord, node_id: str) -> str:
    """The title of a node; its id if the run's workflow has none such."""
    return node_titles(run.workflow_text, run.data_text).get(node_id, node_id)


def event_text(run: RunRecord, event: Event) -> str:
    """What happened, with titles in place of ids."""
    data = event.data or {}
    key, before, after = data.get("parameter"), data.get("from"), data.get("to")
    if event.kind == "parameter changed" and isinstance(before, int | float) and isinstance(after, int | float):
        dropped = [f"step {step:,}" for step in data.get("instead_of", ())]
        instead = f", instead of the changes made before at {listed(dropped)}" if dropped else ""
        return f"{parameter_title(run, str(key))} changed from {plain(before)} to {plain(after)}{instead}"
    if event.kind == "parameter changed" and (found := re.match(r"(\S+\.\w+)( changed from .*)", event.text)):
        # Some older records have no data.
        return parameter_title(run, found[1]) + found[2]
    text = event.text
    # What a resume makes again is named by ids, and listed in the data.
    for key in dict.fromkeys(str(each["action"]) for each in data.get("changes", ())):
        text = text.replace(key, parameter_title(run, key))
    return text
