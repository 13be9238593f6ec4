"""The series that a workflow's run will record, known before anything is built. Charts and expressions use them."""

from pipeline.graph.check import Report
from pipeline.nodes.training.output import SampleGrid
from pipeline.nodes.training_subgraph import trained
from pipeline.runs.series import CLOCKS, Series, names_of


def series_of(report: Report) -> tuple[Series, ...]:
    """The series of a checked workflow's run, in chart order; none if its training has problems."""
    found = trained(report)
    if found is None:
        return ()
    # The checkup uses the sample grid's images.
    checked = any(isinstance(node, SampleGrid) for node in report.nodes.values())
    return (*found.training.series, *CLOCKS, *(found.training.checkup if checked else ()))


def metric_names(report: Report) -> tuple[str, ...]:
    """The names of the series of a checked workflow's run."""
    return names_of(series_of(report))
