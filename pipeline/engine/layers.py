"""The layers of a network and the shapes of its weights, read off the network itself and kept on disk.

A network is built for this with the nodes before it, on torch's `meta` device: shapes without values, and no images.
"""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import torch
from torch import nn

from pipeline.errors.base import GenscopeError, Refusal
from pipeline.errors.machine import CannotWrite
from pipeline.graph.check import Report
from pipeline.models.layers import LayerTable
from pipeline.models.module_layers import measured
from pipeline.nodes import layer_tables
from pipeline.nodes.assemble import build_bare
from pipeline.nodes.checked_workflow import CheckedWorkflow
from pipeline.nodes.networks.module_node import ModuleNode
from pipeline.nodes.training_subgraph import networks
from pipeline.training.node_errors import blamed

MOST_NUMBERS = 250_000_000
"""Weights of a network that is made on the CPU only to be looked at: 1 GB of them."""


def layer_table(home: Path, report: Report, node_id: str) -> LayerTable:
    """The table of this node's network: the one that is kept, else read off the network now and kept.

    Raises NodeFailure where it cannot be built or called; Refusal for a node without a network, or with problems.
    """
    if layer_tables.network(report, node_id) is None:
        raise Refusal(f"The workflow has no network {node_id[:60]!r} whose layers could be read.")
    table = layer_tables.kept(home, report, node_id)
    if table is None:
        try:
            table = _read_off(home, report, node_id, "meta")
        except GenscopeError:
            if _numbers(home, report, node_id) > MOST_NUMBERS:
                raise
            # Some modules look at values as they are made or called, and the meta device has none.
            table = _read_off(home, report, node_id, "cpu")
        # It only saves time.
        with suppress(CannotWrite):
            layer_tables.keep(home, report, node_id, table)
    return table


def keep_tables(workflow: CheckedWorkflow, home: Path, given: Mapping[str, Any] | None = None) -> None:
    """Keeps the tables of the networks that a workflow trains, for whoever will want to fork its run.

    given: what was made in Python, by node id: nobody else can read it off later. Raises nothing, and takes nothing but
    shapes: what cannot be read so is left to those who ask for it.
    """
    # Whatever it is, a start is not to fail by it.
    with suppress(Exception):
        report = workflow.report
        for node_id in networks(workflow.trained).values():
            with suppress(GenscopeError):
                if layer_tables.kept(home, report, node_id) is None:
                    layer_tables.keep(home, report, node_id, _read_off(home, report, node_id, "meta", given))


def _read_off(
    home: Path, report: Report, node_id: str, device: str, given: Mapping[str, Any] | None = None
) -> LayerTable:
    # Whatever a module draws at random, the numbers that come after are left as they were.
    with torch.random.fork_rng(devices=[]), torch.device(device):
        part = build_bare(report, node_id, home, device, given)
        # Of a node that only changes a network, the layers come from another one.
        source = str(getattr(part, "node", node_id))
        with blamed(source, "show its layers", report.titles.get(source, "")):
            return measured(_module_of(part), _inputs(report, source))


def _numbers(home: Path, report: Report, node_id: str) -> int:
    """How many numbers its weights are, 0 where it cannot be made without them."""
    with suppress(Exception), torch.random.fork_rng(devices=[]), torch.device("meta"):
        return sum(weight.numel() for weight in _module_of(build_bare(report, node_id, home, "meta")).parameters())
    return 0


def _module_of(part: Any) -> nn.Module:
    network = part if isinstance(part, nn.Module) else getattr(part, "network", None)
    if not isinstance(network, nn.Module):
        raise TypeError("what its build gives has no network, a torch.nn.Module.")
    return network


def _inputs(report: Report, node_id: str) -> tuple[Any, ...]:
    """What one call of the network of this node takes, for a batch of 2."""
    node, port = report.nodes[node_id], layer_tables.network(report, node_id)
    if isinstance(node, ModuleNode):
        return node.inputs(port)
    if port is None or port.plan is None:
        raise TypeError("its class is no ModuleNode, so that nobody knows what the network takes.")
    # Of the labels, networks that are not conditional take no notice.
    return torch.zeros(2, *port.plan.input_shape), torch.zeros(2, dtype=torch.int64)
