"""Titles of a workflow's nodes that tell them apart."""

from collections import Counter
from collections.abc import Mapping

from pipeline.graph.check import Report
from pipeline.nodes.ports import OptimizerPort


def distinct_titles(report: Report) -> dict[str, str]:
    """The title of each node, by id. Of nodes with the same title, an optimizer says which network it trains, and
    others say their id."""
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
