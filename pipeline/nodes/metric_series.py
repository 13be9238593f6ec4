"""The series of metrics that a run measures while it trains: declared once, from the metrics themselves."""

from collections.abc import Mapping

from pipeline.metrics.registry import METRICS
from pipeline.metrics.signature import Better, Metric
from pipeline.runs.series import Chart, Series

DIRECTIONS: Mapping[Better, str] = {
    "lower": "lower is better",
    "higher": "higher is better",
    "real": "best near the value of real images",
}
SIGNED = ("frechet_extrapolated", "kid")
"""Metrics whose values may be negative, so that no logarithmic axis can show them."""
PLACE = 65
"""Behind the chart of the samples' diversity; see `Chart.place`. All have one place, and keep the metrics' order."""


def _series(metric: Metric) -> Series:
    linear = metric.percent or metric.name in SIGNED
    chart = Chart(metric.title, metric.unit, PLACE, percent=metric.percent, linear=linear)
    meaning = f"{metric.title}; {DIRECTIONS[metric.better]}"
    return Series(metric.name, meaning, chart, "purple", why=metric.why)


METRIC_SERIES: Mapping[str, Series] = {name: _series(metric) for name, metric in METRICS.items()}
"""By name, in the order of the metrics."""
