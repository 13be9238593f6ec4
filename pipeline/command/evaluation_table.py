"""An evaluation as lines for people, and as JSON."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from pipeline.metrics.registry import METRICS
from pipeline.metrics.signature import Metric
from pipeline.runs.evaluations import Evaluation, Result
from pipeline.studio.evaluation.words import (
    DIRECTIONS,
    compared_words,
    counts_words,
    doubts,
    in_order,
    interval_words,
    value_words,
)

WIDTH = max(len(metric.title) for metric in METRICS.values())


def lines_of(evaluation: Evaluation) -> Iterator[str]:
    """What was measured: a heading, and a line for each metric with its interval, its floor and its counts."""
    yield f"Run {evaluation.run} at step {evaluation.step:,}: {compared_words(evaluation)}"
    yield from filter(None, (*evaluation.remarks, doubts(evaluation)))
    for name, result in in_order(evaluation.results).items():
        metric = METRICS[name]
        yield f"{metric.title:<{WIDTH}}  {_words(metric, result)}"
        yield from (f"{'':<{WIDTH}}    {each}: {value:.4g}" for each, value in result.details.items())


def as_json(evaluation: Evaluation) -> dict[str, Any]:
    """The evaluation as an object; each metric has its unit and direction too."""
    results = {
        name: {**asdict(result), "unit": METRICS[name].unit, "better": METRICS[name].better}
        for name, result in in_order(evaluation.results).items()
    }
    return {**asdict(evaluation), "results": results}


def _words(metric: Metric, result: Result) -> str:
    if result.value is None:
        return f"not measured: {result.reason}"
    interval = interval_words(metric, result)
    value = f"{value_words(metric, result.value)}{interval and f' ({interval})'}"
    floor = f"floor {value_words(metric, result.floor)}"
    return f"{value}, {floor}; {DIRECTIONS[metric.better]}; {counts_words(result)}"
