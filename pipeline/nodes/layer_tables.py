"""Store the layer tables that were read from built networks. Torch-free.

The key of a table covers all that determines the shapes of a network: the node's class and its source, its parameters,
its input ports, and the version of Genscope.
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


def load_table(home: Path, report: Report, node_id: str) -> LayerTable | None:
    """The stored table of this node's network; None if there is none or it is damaged."""
    text = layer_tables.load(home, key_of(report, node_id))
    return None if text is None else from_json(text)


def store_table(home: Path, report: Report, node_id: str, table: LayerTable) -> None:
    """Store the table of this node's network for all processes that use this home. Raises CannotWrite."""
    layer_tables.save(home, key_of(report, node_id), table.json())


def network(report: Report, node_id: str) -> NetworkPort | None:
    """The port of the network that this node outputs; None for other nodes and nodes with problems."""
    return network_of(report.ports.get(node_id, ()))


def key_of(report: Report, node_id: str) -> str:
    """The key under which the table of this node is stored. The node must have an output."""
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
        # A node that modifies a network (such as SpectralNorm) also depends on the nodes before it.
        {name: _facts(report, link.node) for name, link in links.items() if network(report, link.node)},
    ]


def _source(node_class: type[Node]) -> str:
    """A hash of the class's file; for a custom node, of all files in its folder as they were when loaded."""
    package = sys.modules.get(node_class.__module__.rpartition(".")[0])
    found = getattr(package, SOURCE, None)
    return str(found) if found else _hash_of(getattr(sys.modules.get(node_class.__module__), "__file__", None))


@cache
def _hash_of(file: str | None) -> str:
    return sha256(Path(file).read_bytes()).hexdigest() if file else ""


def _plain(value: Any) -> Any:
    """The value as JSON, the same in every process; a value without fields or elements becomes its type name."""
    if value is None or isinstance(value, str | int | float):
        return value
    if is_dataclass(value) and not isinstance(value, type):
        return [type(value).__qualname__, *(_plain(getattr(value, each.name)) for each in fields(value))]
    if isinstance(value, Mapping):
        return [[_plain(key), _plain(each)] for key, each in value.items()]
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    return type(value).__qualname__
