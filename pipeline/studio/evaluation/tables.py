"""The tables of an evaluation and of a comparison."""

from collections.abc import Sequence

import pyarrow as pa

from pipeline.metrics.registry import METRICS
from pipeline.metrics.signature import Better, Metric
from pipeline.runs.evaluations import Evaluation, Result
from pipeline.studio.evaluation.comparing import Row
from pipeline.studio.evaluation.words import in_order, interval_words, value_words

ARROWS: dict[Better, str] = {"lower": "↓", "higher": "↑", "real": "≈"}


def names(evaluation: Evaluation) -> list[str]:
    """The names of the metrics, as the rows of `results`."""
    return list(in_order(evaluation.results))


def results(evaluation: Evaluation) -> pa.Table:
    """A row for each metric: which values are better and its title, value, interval, floor, and the images compared."""
    found = in_order(evaluation.results)
    return pa.table(
        {
            "Metric": [_named(METRICS[name]) for name in found],
            "Value": [_shown(METRICS[name], each.value) for name, each in found.items()],
            "95% interval": [interval_words(METRICS[name], each) or "—" for name, each in found.items()],
            "Floor": [_shown(METRICS[name], each.floor) for name, each in found.items()],
            "Images": [counts(each) for each in found.values()],
        }
    )


def _named(metric: Metric) -> str:
    return f"{ARROWS[metric.better]} {metric.title}"


def _shown(metric: Metric, value: float | None) -> str:
    return "—" if value is None else value_words(metric, value)


def counts(result: Result) -> str:
    """Generated images against real ones: 1,000 : 500; or the generated ones alone."""
    if result.value is None:
        return "—"
    return f"{result.generated:,} : {result.real:,}" if result.real else f"{result.generated:,}"


def comparison(rows: Sequence[Row], letters: str) -> pa.Table:
    """A row for each metric: a column for each evaluation, and for each but the first its difference in words."""
    table: dict[str, list[str]] = {"Metric": [_named(row.metric) for row in rows]}
    for place, letter in enumerate(letters[: len(rows[0].results) if rows else 0]):
        table[letter] = [_cell(row, place) for row in rows]
    table["Floor"] = [_floor(row) for row in rows]
    for place, letter in enumerate(letters[1 : len(rows[0].results) if rows else 0]):
        differences = [row.differences[place] for row in rows]
        table[f"{letter} beside {letters[0]}"] = ["—" if each is None else each.words for each in differences]
    return pa.table(table)


def _cell(row: Row, place: int) -> str:
    result = row.results[place]
    if result is None or result.value is None:
        return "—"
    interval = interval_words(row.metric, result)
    return value_words(row.metric, result.value) + (f" ({interval})" if interval else "")


def _floor(row: Row) -> str:
    floors = [each.floor for each in row.results if each is not None and each.floor is not None]
    return _shown(row.metric, floors[0] if floors else None)
