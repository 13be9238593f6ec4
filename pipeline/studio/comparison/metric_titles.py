"""What metrics are called where several runs stand beside each other: in the words of the charts on Train."""

from collections import Counter
from collections.abc import Iterable, Mapping

from pipeline.runs.series import Series, undeclared
from pipeline.runs.system_series import OF_THE_MACHINE
from pipeline.studio.charts.curves import known_series

SHORT: Mapping[str, str] = {"Distance to real images": "Distance"}
"""Titles that are too long for the heading of a column."""


def series_named(name: str) -> Series:
    """The series of this name, undeclared if only a node of some workflow declares it."""
    return known_series().get(name) or undeclared(name)


def metric_title(name: str, series: Series | None = None) -> str:
    """The title of a metric's chart, followed by the metric's name if other metrics are drawn in that chart too.

    series: how the runs declare it, if that is known.
    """
    chart_title = _chart_title(series or series_named(name))
    return f"{chart_title}: {name}" if chart_title in _shared() and chart_title != name else chart_title


def metric_heading(name: str) -> str:
    """A title that is short enough for the heading of a column: that of the chart, or the metric's own name if other
    metrics are drawn in that chart too."""
    title = metric_title(name)
    return name if title.endswith(f": {name}") else SHORT.get(title, title)


def metric_about(name: str) -> str:
    """What the metric means, as a sentence with its unit."""
    series = series_named(name)
    unit = f", in {series.unit}" if series.unit and series.unit not in series.meaning else ""
    return f"{series.meaning[:1].upper()}{series.meaning[1:]}{unit}."


def in_charts_order(names: Iterable[str], counts: Mapping[str, int]) -> list[str]:
    """The metrics that most runs have first; of these, in the order of the charts on Train; those of the machine last.
    counts: how many runs have each."""

    def place(name: str) -> tuple[bool, int, bool, float]:
        chart = series_named(name).chart
        return (
            name in OF_THE_MACHINE,
            -counts.get(name, 0),
            chart is None or chart.folded,
            chart.place if chart else float("inf"),
        )

    return sorted(names, key=place)


def of_training(names: Iterable[str]) -> list[str]:
    """The metrics that say how training went."""
    return [name for name in names if name not in OF_THE_MACHINE]


def _chart_title(series: Series) -> str:
    if series.chart is not None:
        return series.chart.title
    return f"{series.meaning[:1].upper()}{series.meaning[1:]}"


def _shared() -> frozenset[str]:
    """Titles of the charts that draw several series."""
    counts = Counter(each.chart.title for each in known_series().values() if each.chart is not None)
    return frozenset(title for title, count in counts.items() if count > 1)
