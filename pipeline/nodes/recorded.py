"""What a run of a workflow will record, known before anything is built: the names that expressions may use."""

from pipeline.graph.check import Report
from pipeline.nodes.output import SampleGrid
from pipeline.nodes.trained import trained
from pipeline.runs.metrics import CLOCK_SERIES


def metric_names(report: Report) -> tuple[str, ...]:
    """The series of a checked workflow's run, in chart order; none while its training has problems."""
    found = trained(report)
    if found is None:
        return ()
    # The checkup is made of the sample grid's images.
    checked = any(isinstance(node, SampleGrid) for node in report.nodes.values())
    return (*found.training.metrics, *CLOCK_SERIES, *(found.training.checkup if checked else ()))
