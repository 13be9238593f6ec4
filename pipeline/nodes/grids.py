"""The tiling of a workflow's sample grids, so that a stored grid can be cut into images again later."""

from pipeline.graph.check import Report
from pipeline.nodes.ports import TrainingPort
from pipeline.nodes.training.output import SampleGrid
from pipeline.runs.tiling import Tiling


def grid_tiling(report: Report) -> Tiling | None:
    """The tiling of a checked workflow's sample grids; None if it draws none or the nodes up to there have problems."""
    for node in report.nodes.values():
        if isinstance(node, SampleGrid):
            ports = report.ports.get(node.training.node, ())
            if ports and isinstance(training := ports[0], TrainingPort):
                _, height, width = training.images.shape
                return Tiling.fitting(node.count, height, width)
    return None
