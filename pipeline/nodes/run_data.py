"""The record that a run keeps of its images: what was found when they were read, and the ports of their nodes.

The findings tell the set apart from others when the run is resumed. The ports stand for the nodes when the run is only
drawn from or shown, so that neither needs the images.
"""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from pipeline.data.findings import Findings
from pipeline.graph.check import Report
from pipeline.graph.node import Port
from pipeline.nodes.ports import ImagesPort

Recorded = Mapping[str, Any]
"""As `RunRecord.data` holds it: {"images": id of the node of the training images, "sources": {id: {"findings": …,
"port": …}}}."""


def record_of(report: Report, images: str, found: Mapping[str, Findings]) -> dict[str, Any]:
    """The record of a run's images. images: id of the node of the training images. found: findings by node id."""
    return {
        "images": images,
        "sources": {
            node_id: {"findings": findings.as_dict(), "port": _port_facts(report.ports[node_id])}
            for node_id, findings in found.items()
        },
    }


def findings_of(recorded: Recorded | None) -> Mapping[str, Findings]:
    """What was found, by node id, the training images first; empty for runs of older versions, which recorded none."""
    found = {}
    for node_id, facts in _sources(recorded):
        try:
            found[node_id] = Findings.from_dict(facts["findings"])
        except (KeyError, TypeError, ValueError):
            continue
    first = str((recorded or {}).get("images", ""))
    return {node_id: found[node_id] for node_id in sorted(found, key=lambda each: each != first)}


def training_findings(recorded: Recorded | None) -> Findings | None:
    """What was found about the training images; None if it was not recorded."""
    return next(iter(findings_of(recorded).values()), None)


def known_ports(recorded: Recorded | None) -> dict[str, tuple[Port, ...]]:
    """The ports of the nodes that gave the run its images, for `check`; empty for runs of older versions."""
    ports: dict[str, tuple[Port, ...]] = {}
    for node_id, facts in _sources(recorded):
        try:
            port = facts["port"]
            names, shape = tuple(facts["findings"]["class_names"]), tuple(map(int, port["shape"]))
            # The number of names may differ from the number of classes of a custom node.
            ports[node_id] = (ImagesPort(**{**port, "shape": shape, "class_names": names}),)
        except (KeyError, TypeError, ValueError):
            continue
    return ports


def _sources(recorded: Recorded | None) -> list[tuple[str, Mapping[str, Any]]]:
    sources = (recorded or {}).get("sources")
    return list(sources.items()) if isinstance(sources, Mapping) else []


def _port_facts(ports: tuple[Port, ...]) -> dict[str, Any] | None:
    """The fields of a node's images; None if they are of a kind of its own, which only its class can make."""
    match ports:
        case (ImagesPort() as port,) if type(port) is ImagesPort:
            return {each.name: getattr(port, each.name) for each in fields(ImagesPort) if each.name != "class_names"}
        case _:
            return None
