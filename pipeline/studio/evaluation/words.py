"""Values of metrics, their intervals and their features in words, the same on pages and on the command line."""

from collections.abc import Mapping

from pipeline.formatting import counted, number
from pipeline.metrics.registry import METRICS
from pipeline.metrics.signature import Better, Metric
from pipeline.runs.evaluations import Evaluation, Result, Way

LOOSE = 0.2
"""Precision below which it contradicts nothing."""
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


def counts_words(result: Result) -> str:
    """How many images were compared: 1,000 against 500; 1,000 images, if with no real ones."""
    if not result.real:
        return counted(result.generated, "image")
    return f"{result.generated:,} against {result.real:,}"


def doubts(evaluation: Evaluation) -> str:
    """A sentence if two metrics of quality contradict each other; "" if not."""
    found = [evaluation.results.get(name) for name in ("precision", "clipped_density")]
    loose, strict = (None if each is None else each.value for each in found)
    if loose is None or strict is None or loose < LOOSE or strict > loose / 3:
        return ""
    return (
        f"Precision ({loose:.0%}) is far above clipped density ({strict:.0%}): a few outliers among the real images "
        "make room for bad ones. Trust clipped density and coverage here, and look at the images."
    )


def in_order(results: Mapping[str, Result]) -> dict[str, Result]:
    """The results of known metrics, in the order in which metrics are shown."""
    return {name: results[name] for name in METRICS if name in results}


def features_words(way: Way) -> str:
    """The features by name, hash and resize: Digits (3fa9…; images grey, bilinear to 28×28)."""
    known = "" if way.accuracy is None else f"; recognises {way.accuracy:.1%} of images of its own kind"
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
