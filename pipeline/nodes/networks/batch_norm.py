"""Batch normalization in a planned network: whether it has any, and the change that takes it out."""

from pipeline.graph.check import Report
from pipeline.graph.findings import Mend
from pipeline.graph.form import parameters
from pipeline.nodes import mends
from pipeline.nodes.ports import NetworkPort

BATCH_NORMS = frozenset({"batch_norm1d", "batch_norm2d", "conditional_batch_norm"})
"""The kinds of layers that mix the images of a batch."""
PARAMETER, NONE = "normalization", "none"
"""The parameter of a network's node that takes normalization out, and its value for that."""


def batch_norm_layers(network: NetworkPort) -> int:
    """Number of batch normalizations in a network; 0 if its layers are not known before it is built."""
    return sum(layer.kind in BATCH_NORMS for _, layer in network.plan.leaves) if network.plan else 0


def source_of(report: Report, network: NetworkPort) -> str:
    """The id of the node whose layers a network has; for a network that another node has modified, that of the
    original."""
    source = next(node_id for node_id, ports in report.ports.items() if any(port is network for port in ports))
    for _, link in report.workflow.nodes[source].links():
        for port in report.ports.get(link.node, ()):
            if isinstance(port, type(network)):
                return source_of(report, port)
    return source


def without_batch_norm(report: Report, node_id: str) -> Mend | None:
    """Set the normalization of a network's node to none; None if it has no such parameter."""
    node = report.nodes[node_id]
    choices = [each.choices for each in parameters(type(node)) if each.name == PARAMETER]
    if not choices or NONE not in choices[0] or getattr(node, PARAMETER) == NONE:
        return None
    return mends.setting(report, node_id, PARAMETER, NONE, "Remove batch norm")
