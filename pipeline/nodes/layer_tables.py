"""The tables of layers that were read off built networks, as they are kept: torch-free.

A table belongs to everything that the shapes of a network follow from: the node's class and its source, its parameters,
what comes in by its wires, and the version of Genscope.
"""

import json
import sys
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import pipeline
from pipeline.graph.check import Report
from pipeline.graph.form import wires
from pipeline.graph.node import Node
from pipeline.models.layers import LayerTable, from_json
from pipeline.nodes.custom_nodes import SOURCE
from pipeline.nodes.networks.module_node import network_of
from pipeline.nodes.ports import NetworkPort
from pipeline.runs import layer_tables


def kept(home: Path, report: Report, node_id: str) -> LayerTable | None:
    """The table of this node's network from the disk; None where there is none, or a damaged one."""
    text = layer_tables.load(home, key_of(report, node_id))
    return None if text is None else from_json(text)


def keep(home: Path, report: Report, node_id: str, table: LayerTable) -> None:
    """Keeps it for every process of this home. Raises CannotWrite."""
    layer_tables.save(home, key_of(report, node_id), table.json())


def network(report: Report, node_id: str) -> NetworkPort | None:
    """What is known of the network that this node gives out; None for another node, and one with problems."""
    return network_of(report.ports.get(node_id, ()))


def key_of(report: Report, node_id: str) -> str:
    """What the table of this node, which gives out something, is kept by."""
    return sha256(json.dumps(_facts(report, node_id), sort_keys=True).encode()).hexdigest()


def _facts(report: Report, node_id: str) -> list[Any]:
    node = report.nodes[node_id]
    links = {wire.name: getattr(node, wire.name) for wire in wires(type(node))}
    return [
        pipeline.VERSION,
        type(node).__name__,
        _source(type(node)),
        {name: value for name, value in node.model_dump(mode="json").items() if name not in links},
        [_plain(port) for port in report.ports[node_id]],
        {name: _plain(report.ports[link.node][link.output]) for name, link in links.items()},
        # What goes through a network with its weights has them from the nodes before it.
        {name: _facts(report, link.node) for name, link in links.items() if network(report, link.node)},
    ]


def _source(node_class: type[Node]) -> str:
    """A hash of the file of the class; of a node of one's own, of all files beside it, as they were when loaded."""
    package = sys.modules.get(node_class.__module__.rpartition(".")[0])
    found = getattr(package, SOURCE, None)
    return str(found) if found else _hash_of(getattr(sys.modules.get(node_class.__module__), "__file__", None))


@cache
def _hash_of(file: str | None) -> str:
    return sha256(Path(file).read_bytes()).hexdigest() if file else ""


def _plain(value: Any) -> Any:
    """The value as JSON, the same in every process; of what has no fields and no elements only its kind."""
    if value is None or isinstance(value, str | int | float):
        return value
    if is_dataclass(value) and not isinstance(value, type):
        return [type(value).__qualname__, *(_plain(getattr(value, each.name)) for each in fields(value))]
    if isinstance(value, Mapping):
        return [[_plain(key), _plain(each)] for key, each in value.items()]
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    return type(value).__qualname__
