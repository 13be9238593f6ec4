"""Where a gradient penalty meets batch normalization in a checked workflow."""

from collections.abc import Iterator
from typing import NamedTuple

from pipeline.graph.check import Report
from pipeline.nodes.losses.penalties import DRAGANPenalty, GradientPenalty, R1R2Penalty
from pipeline.nodes.ports import ObjectivePort

BATCH_NORMS = frozenset({"batch_norm1d", "batch_norm2d", "conditional_batch_norm"})
"""The kinds of layers that mix the images of a batch."""


class PenalisedBatchNorm(NamedTuple):
    """A gradient penalty over batch normalization.

    penalty, network: the ids of the two nodes. weight: the live parameter of the penalty's weight, "node.parameter".
    layers: number of batch normalizations in the network.
    """

    penalty: str
    network: str
    weight: str
    layers: int


def penalised_batch_norm(report: Report) -> tuple[PenalisedBatchNorm, ...]:
    """The gradient penalties of a checked workflow whose network has batch normalization.

    The penalty is defined for each image by itself, and batch normalization makes a score depend on the other images of
    its batch (Gulrajani et al. 2017, section 4). Networks without a plan are left out: their layers are not known
    before they are built.
    """
    return tuple(_found(report))


def _found(report: Report) -> Iterator[PenalisedBatchNorm]:
    for node_id, node in report.nodes.items():
        if not isinstance(node, GradientPenalty | R1R2Penalty | DRAGANPenalty):
            continue
        for port in report.ports.get(node_id, ()):
            if not isinstance(port, ObjectivePort) or port.discriminator.plan is None:
                continue
            layers = sum(layer.kind in BATCH_NORMS for _, layer in port.discriminator.plan.leaves)
            if layers:
                made = report.ports.items()
                network = next(each for each, ports in made if any(one is port.discriminator for one in ports))
                yield PenalisedBatchNorm(node_id, network, f"{node_id}.penalty_weight", layers)
