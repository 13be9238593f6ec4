"""The part of a workflow that training depends on.

Only these nodes are built for training, named in health hints, and compared when a run is forked; others have no
effect.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.graph.check import Report
from pipeline.graph.node import Port
from pipeline.graph.workflow import ancestors
from pipeline.nodes.ports import NetworkPort, TrainingPort


@dataclass(frozen=True)
class Trained:
    """The training node and all nodes it depends on.

    node: id of the training node. training: its port. given: the output ports of these nodes by node id, each node
    after those it depends on.
    """

    node: str
    training: TrainingPort
    given: Mapping[str, tuple[Port, ...]]

    @property
    def ports(self) -> tuple[Port, ...]:
        """The output ports of all these nodes."""
        return tuple(port for ports in self.given.values() for port in ports)

    def giving(self, kind: type[Port]) -> list[str]:
        """The ids of the nodes that output a port of this kind, in the order of `given`."""
        return [node_id for node_id, ports in self.given.items() if any(isinstance(port, kind) for port in ports)]


def trained(report: Report) -> Trained | None:
    """The part of a checked workflow that training depends on; None if any node in it has problems."""
    for node_id, ports in report.ports.items():
        for port in ports:
            if isinstance(port, TrainingPort):
                needed = ancestors(node_id, report.workflow.parents())
                return Trained(node_id, port, {each: report.ports[each] for each in report.order if each in needed})
    return None


def networks(found: Trained | None) -> dict[str, str]:
    """The ids of the nodes that output the trained networks, by role: the last one if one node modifies another's
    network."""
    given = found.given.items() if found else ()
    return {port.role: node_id for node_id, ports in given for port in ports if isinstance(port, NetworkPort)}
