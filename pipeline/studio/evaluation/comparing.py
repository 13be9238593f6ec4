"""Differences between evaluations, in words only where the intervals allow them.

Two values differ if the 95 % interval of their difference does not hold zero. Half its width is √(h₁² + h₂²) of the
half widths of the two intervals, as for independent normal errors; the evaluations use the same seeds and the same real
images, which makes their errors alike rather than opposed, so that the interval is rather too wide than too narrow.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import hypot

from pipeline.errors.evaluation import DifferentWays
from pipeline.metrics.registry import METRICS
from pipeline.metrics.signature import Metric
from pipeline.runs.evaluations import Evaluation, Result
from pipeline.studio.evaluation.words import value_words


@dataclass(frozen=True)
class Difference:
    """A value minus that of the first evaluation. low, high: its 95 % interval, None if there is none. words: what it
    means, as a sentence. better: whether the value is better, None if the intervals do not tell."""

    value: float
    low: float | None
    high: float | None
    words: str
    better: bool | None


@dataclass(frozen=True)
class Row:
    """One metric of several evaluations: their results, None where it was not measured, and the differences of all but
    the first from the first."""

    metric: Metric
    results: tuple[Result | None, ...]
    differences: tuple[Difference | None, ...]


def compare(evaluations: Sequence[Evaluation]) -> tuple[Row, ...]:
    """The metrics that at least one of two or more evaluations has. Raises DifferentWays if they were not measured in
    the same way."""
    first = evaluations[0]
    for other in evaluations[1:]:
        if facts := _different(first, other):
            raise DifferentWays(facts)
    names = [name for name in METRICS if any(name in each.results for each in evaluations)]
    return tuple(_row(METRICS[name], [each.results.get(name) for each in evaluations]) for name in names)


def _different(one: Evaluation, other: Evaluation) -> list[str]:
    """In what two ways of measuring differ, in words. Weights may differ: that is a comparison too."""
    facts = {
        "the seed": (one.way.seed, other.way.seed),
        "the number of images": (one.way.count, other.way.count),
        "the set": (one.way.content, other.way.content),
        "the features": (one.way.digest, other.way.digest),
    }
    return [name for name, (first, second) in facts.items() if first != second]


def _row(metric: Metric, results: Sequence[Result | None]) -> Row:
    first, *others = results
    return Row(metric, tuple(results), tuple(_difference(metric, first, each) for each in others))


def _difference(metric: Metric, first: Result | None, other: Result | None) -> Difference | None:
    if first is None or other is None or first.value is None or other.value is None:
        return None
    value = other.value - first.value
    if not metric.comparable:
        return Difference(value, None, None, "Not compared: it judges the run's own network too.", None)
    if first.low is None or first.high is None or other.low is None or other.high is None:
        return Difference(value, None, None, "No interval to tell.", None)
    half = hypot((first.high - first.low) / 2, (other.high - other.low) / 2)
    low, high = value - half, value + half
    if low <= 0 <= high:
        return Difference(value, low, high, "No clear difference.", None)
    better = _is_better(metric, first, other)
    judged = {True: ": better", False: ": worse", None: ""}[better]
    size = f"{100 * abs(value):.1f} points" if metric.percent else value_words(metric, abs(value))
    words = f"{'Higher' if value > 0 else 'Lower'} by {size}{judged}."
    return Difference(value, low, high, words, better)


def _is_better(metric: Metric, first: Result, other: Result) -> bool | None:
    assert first.value is not None and other.value is not None, "asked only of values that differ"
    if metric.better != "real":
        return (other.value > first.value) == (metric.better == "higher")
    if first.floor is None or other.floor is None:
        return None
    return abs(other.value - other.floor) < abs(first.value - first.floor)
