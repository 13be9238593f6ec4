"""What of a workflow its training depends on: that is built, judged and carried over. The rest leads nowhere."""

from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.graph.check import Report
from pipeline.graph.node import Port
from pipeline.graph.workflow import ancestors
from pipeline.nodes.ports import NetworkPort, TrainingPort


@dataclass(frozen=True)
class Trained:
    """node: id of the training node. training: what it asks for. given: by node id, what the training node and all that
    it depends on give out, each after those that it depends on itself."""

    node: str
    training: TrainingPort
    given: Mapping[str, tuple[Port, ...]]

    @property
    def ports(self) -> tuple[Port, ...]:
        """All that is given out."""
        return tuple(port for ports in self.given.values() for port in ports)

    def giving(self, kind: type[Port]) -> list[str]:
        """Ids of the nodes that give out a port of this kind, in the order of `given`."""
        return [node_id for node_id, ports in self.given.items() if any(isinstance(port, kind) for port in ports)]


def trained(report: Report) -> Trained | None:
    """That part of a checked workflow; None while its training has problems, or something that it depends on."""
    for node_id, ports in report.ports.items():
        for port in ports:
            if isinstance(port, TrainingPort):
                needed = ancestors(node_id, report.workflow.parents())
                return Trained(node_id, port, {each: report.ports[each] for each in report.order if each in needed})
    return None


def networks(found: Trained | None) -> dict[str, str]:
    """Ids of the nodes that give out the networks that are trained, by role: the last where one changes another's."""
    given = found.given.items() if found else ()
    return {port.role: node_id for node_id, ports in given for port in ports if isinstance(port, NetworkPort)}
