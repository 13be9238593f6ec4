"""Values of metrics, their intervals and their features in words, the same on pages and on the command line."""

from collections.abc import Mapping

from pipeline.formatting import counted, number
from pipeline.metrics.registry import METRICS
from pipeline.metrics.signature import Better, Metric
from pipeline.runs.evaluations import Evaluation, Result, Way

DIRECTIONS: Mapping[Better, str] = {
    "lower": "lower is better",
    "higher": "higher is better",
    "real": "nearer to the floor is better",
}


def value_words(metric: Metric, value: float | None) -> str:
    """A value of a metric: 0.1234, or 56.7% for shares; "none" for None."""
    if value is None:
        return "none"
    return f"{value:.1%}" if metric.percent else number(value)


def interval_words(metric: Metric, result: Result) -> str:
    """The ends of the 95 % interval: 0.12 to 0.14; "" if there is none."""
    if result.low is None or result.high is None:
        return ""
    return f"{value_words(metric, result.low)} to {value_words(metric, result.high)}"


def in_order(results: Mapping[str, Result]) -> dict[str, Result]:
    """The results of known metrics, in the order in which metrics are shown."""
    return {name: results[name] for name in METRICS if name in results}


def features_words(way: Way) -> str:
    """The features by name, hash and resize: Digits (3fa9…; images grey, bilinear to 28×28)."""
    known = "" if way.accuracy is None else f"; recognises {way.accuracy:.1%} of held-out images"
    return f"{way.features} ({way.digest}; images {way.resize}{known})"


def weights_words(way: Way) -> str:
    """averaged weights, raw weights"""
    return f"{'averaged' if way.weights == 'ema' else 'raw'} weights"


def compared_words(evaluation: Evaluation) -> str:
    """What was compared with what, by which features, in two sentences."""
    way = evaluation.way
    return (
        f"{counted(way.count, 'image')} of seed {way.seed}, {weights_words(way)}, against "
        f"{counted(evaluation.held_out, 'held-out image')} of {way.data}. Features: {features_words(way)}."
    )
