"""Tables of a network's layers and weight shapes, measured on the network itself and stored on disk.

For this, the network and the nodes before it are built on torch's `meta` device, which has shapes but no values, and
without images.
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
from pipeline.models.module_layers import measure_layers
from pipeline.nodes import layer_tables
from pipeline.nodes.assemble import build_bare
from pipeline.nodes.checked_workflow import CheckedWorkflow
from pipeline.nodes.networks.module_node import ModuleNode
from pipeline.nodes.training_subgraph import networks
from pipeline.training.node_errors import node_errors

MOST_NUMBERS = 250_000_000
"""Largest number of weights of a network built on the CPU only to measure its layers: 1 GB of float32."""


def layer_table(home: Path, report: Report, node_id: str) -> LayerTable:
    """The stored table of this node's network; if there is none, measure and store it.

    Raises NodeFailure if the network cannot be built or called; Refusal for a node without a network, or with problems.
    """
    if layer_tables.network(report, node_id) is None:
        raise Refusal(f"The workflow has no network {node_id[:60]!r} whose layers can be shown.")
    table = layer_tables.load_table(home, report, node_id)
    if table is None:
        try:
            table = _read_off(home, report, node_id, "meta")
        except GenscopeError:
            if _numbers(home, report, node_id) > MOST_NUMBERS:
                raise
            # Some modules need values when they are built or called, and the meta device has none.
            table = _read_off(home, report, node_id, "cpu")
        # Storing the table only saves time.
        with suppress(CannotWrite):
            layer_tables.store_table(home, report, node_id, table)
    return table


def keep_tables(workflow: CheckedWorkflow, home: Path, given: Mapping[str, Any] | None = None) -> None:
    """Store the layer tables of the networks that a workflow trains, for later forks of its run.

    given: objects made in Python, by node id, which later processes do not have. Measures on the meta device only, and
    skips networks that fail there; `layer_table` measures them when needed. Raises nothing.
    """
    # No error here may make a start fail.
    with suppress(Exception):
        report = workflow.report
        for node_id in networks(workflow.trained).values():
            with suppress(GenscopeError):
                if layer_tables.load_table(home, report, node_id) is None:
                    layer_tables.store_table(home, report, node_id, _read_off(home, report, node_id, "meta", given))


def _read_off(
    home: Path, report: Report, node_id: str, device: str, given: Mapping[str, Any] | None = None
) -> LayerTable:
    # Modules may draw random numbers as they are built; restore the random state afterwards.
    with torch.random.fork_rng(devices=[]), torch.device(device):
        part = build_bare(report, node_id, home, device, given)
        # For a node that modifies another node's network, the layers are the other node's.
        source = str(getattr(part, "node", node_id))
        with node_errors(source, "show its layers", report.titles.get(source, "")):
            return measure_layers(_module_of(part), _inputs(report, source))


def _numbers(home: Path, report: Report, node_id: str) -> int:
    """The number of weights; 0 if the network cannot be built on the meta device."""
    with suppress(Exception), torch.random.fork_rng(devices=[]), torch.device("meta"):
        return sum(weight.numel() for weight in _module_of(build_bare(report, node_id, home, "meta")).parameters())
    return 0


def _module_of(part: Any) -> nn.Module:
    network = part if isinstance(part, nn.Module) else getattr(part, "network", None)
    if not isinstance(network, nn.Module):
        raise TypeError("its build method returned neither a torch.nn.Module nor a part with one as its network.")
    return network


def _inputs(report: Report, node_id: str) -> tuple[Any, ...]:
    """Example arguments for a call of this node's network: a batch of 2."""
    node, port = report.nodes[node_id], layer_tables.network(report, node_id)
    if isinstance(node, ModuleNode):
        return node.inputs(port)
    if port is None or port.plan is None:
        raise TypeError("its class is not a ModuleNode, so the inputs of its network are unknown.")
    # Unconditional networks ignore the labels.
    return torch.zeros(2, *port.plan.input_shape), torch.zeros(2, dtype=torch.int64)
