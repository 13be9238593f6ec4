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
FIRST_PLACE = 61
"""Behind the chart of the samples' diversity; see `Chart.place`."""


def _series(number: int, metric: Metric) -> Series:
    chart = Chart(
        metric.title,
        metric.unit,
        FIRST_PLACE + number / 100,
        percent=metric.percent,
        linear=metric.percent or metric.name in SIGNED,
    )
    meaning = f"{metric.title}; {DIRECTIONS[metric.better]}"
    return Series(metric.name, meaning, chart, "purple", why=metric.why)


METRIC_SERIES: Mapping[str, Series] = {
    name: _series(number, metric) for number, (name, metric) in enumerate(METRICS.items())
}
"""By name, in the order of the metrics."""
