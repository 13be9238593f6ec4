"""The part of a workflow that training depends on.

Only these nodes are built for training, named in health hints, and compared when a run is forked; others have no
effect. From it follow the series that a run will record, known before anything is built, and the tiling of its sample
grids, so that a stored grid can be cut into images again later.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.graph.check import Report
from pipeline.graph.node import Port
from pipeline.graph.workflow import ancestors
from pipeline.nodes.metric_series import METRIC_SERIES
from pipeline.nodes.ports import NetworkPort, TrainingPort
from pipeline.nodes.training.output import SampleGrid
from pipeline.nodes.training.periodic_evaluation import PeriodicEvaluation
from pipeline.runs.series import CLOCKS, Series, names_of
from pipeline.runs.system_series import SYSTEM
from pipeline.runs.tiling import Tiling


@dataclass(frozen=True)
class TrainingSubgraph:
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


def training_subgraph(report: Report) -> TrainingSubgraph | None:
    """The part of a checked workflow that training depends on; None if any node in it has problems."""
    for node_id, ports in report.ports.items():
        for port in ports:
            if isinstance(port, TrainingPort):
                needed = ancestors(node_id, report.workflow.parents())
                return TrainingSubgraph(
                    node_id, port, {each: report.ports[each] for each in report.order if each in needed}
                )
    return None


def networks(found: TrainingSubgraph | None) -> dict[str, str]:
    """The ids of the nodes that output the trained networks, by role: the last one if one node modifies another's
    network."""
    given = found.given.items() if found else ()
    return {port.role: node_id for node_id, ports in given for port in ports if isinstance(port, NetworkPort)}


def series_of(report: Report) -> tuple[Series, ...]:
    """The series of a checked workflow's run, in chart order; none if its training has problems."""
    found = training_subgraph(report)
    if found is None:
        return ()
    # The checkup uses the sample grid's images.
    checked = any(isinstance(node, SampleGrid) for node in report.nodes.values())
    checkup = found.training.checkup if checked else ()
    return (*found.training.series, *CLOCKS, *checkup, *SYSTEM, *evaluated_series(report))


def periodic_evaluation(report: Report) -> PeriodicEvaluation | None:
    """The node of a checked workflow that evaluates its training periodically; None if there is none without
    problems."""
    valid = (node for node_id, node in report.nodes.items() if node_id in report.ports)
    return next((node for node in valid if isinstance(node, PeriodicEvaluation)), None)


def evaluated_series(report: Report) -> tuple[Series, ...]:
    """The series of the metrics that a checked workflow's run evaluates periodically."""
    node = periodic_evaluation(report)
    return tuple(METRIC_SERIES[name] for name in node.names) if node else ()


def metric_names(report: Report) -> tuple[str, ...]:
    """The names of the series of a checked workflow's run."""
    return names_of(series_of(report))


def grid_tiling(report: Report) -> Tiling | None:
    """The tiling of a checked workflow's sample grids; None if it draws none, or if nodes that they depend on have
    problems."""
    for node in report.nodes.values():
        if isinstance(node, SampleGrid):
            ports = report.ports.get(node.training.node, ())
            if ports and isinstance(training := ports[0], TrainingPort):
                _, height, width = training.images.shape
                return Tiling.fitting(node.count, height, width)
    return None
