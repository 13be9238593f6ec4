"""What a workflow says of the sample grids that its run draws, so that one can be read again long after."""

from pipeline.graph.check import Report
from pipeline.nodes.ports import TrainingPort
from pipeline.nodes.training.output import SampleGrid
from pipeline.runs.tiling import Tiling


def grid_tiling(report: Report) -> Tiling | None:
    """How the grids of a checked workflow are tiled; None where it draws none, or is not sound as far as there."""
    for node in report.nodes.values():
        if isinstance(node, SampleGrid):
            ports = report.ports.get(node.training.node, ())
            if ports and isinstance(training := ports[0], TrainingPort):
                _, height, width = training.images.shape
                return Tiling.fitting(node.count, height, width)
    return None
