"""`nodes`: the catalogue of nodes, read from the node classes."""

import inspect
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from dataclasses import asdict
from textwrap import fill, indent
from typing import Any

from pipeline.command.answer import CommandResult, print_status
from pipeline.formatting import plain
from pipeline.graph.form import Parameter, parameters, wires
from pipeline.graph.node import Node
from pipeline.nodes.catalogue import CUSTOM_NODES, NODES

WIDTH = 100


def options(parser: ArgumentParser) -> None:
    """Add no options: --json is the only one."""


def run(arguments: Namespace) -> CommandResult:
    """List every node type with its wires, parameters and outputs, and report custom nodes that failed to load."""
    for sentence in CUSTOM_NODES.report():
        print_status(sentence)
    facts = {node_class.__name__: _facts(node_class) for node_class in NODES}
    failed = [
        {"file": str(failure.path), "reason": failure.reason, "traceback": failure.traceback}
        for failure in CUSTOM_NODES.failed
    ]
    text = "\n\n".join("\n".join(_lines(node_class)) for node_class in NODES)
    return CommandResult({"nodes": facts, "failed": failed}, text)


def _facts(node_class: type[Node]) -> dict[str, Any]:
    return {
        "title": node_class.title,
        "category": node_class.category,
        "help": inspect.getdoc(node_class),
        "wires": [
            {"name": wire.name, "label": wire.label, "help": wire.help, "type": wire.port.kind()}
            for wire in wires(node_class)
        ],
        "parameters": [asdict(parameter) for parameter in parameters(node_class)],
        "outputs": [port.kind() for port in node_class.outputs],
    }


def _lines(node_class: type[Node]) -> Iterator[str]:
    gives = ", ".join(port.kind() for port in node_class.outputs)
    yield f"{node_class.__name__}: {node_class.title}" + (f", outputs {gives}" if gives else "")
    yield _block(inspect.getdoc(node_class) or "", 2)
    for wire in wires(node_class):
        yield f"  {wire.name} <- {wire.port.kind()}"
        yield _block(wire.help, 6)
    for parameter in parameters(node_class):
        yield f"  {parameter.name} = {_value(parameter.default)}" + "".join(
            f"  ({fact})" for fact in _limits(parameter)
        )
        yield _block(parameter.help, 6)


def _limits(parameter: Parameter) -> Iterator[str]:
    if parameter.choices:
        yield ", ".join(parameter.choices)
    if parameter.minimum is not None:
        yield f"{plain(parameter.minimum)} to {plain(parameter.maximum or 0)}"
    if parameter.live:
        yield "live: can be changed during training"


def _value(default: Any) -> str:
    return plain(default) if isinstance(default, int | float) and not isinstance(default, bool) else str(default)


def _block(text: str, spaces: int) -> str:
    return indent("\n".join(fill(paragraph, WIDTH) for paragraph in text.split("\n\n")), " " * spaces)
