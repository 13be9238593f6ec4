"""The tables of an evaluation and of a comparison."""

from collections.abc import Sequence

import pyarrow as pa

from pipeline.metrics.registry import METRICS
from pipeline.metrics.signature import Better
from pipeline.runs.evaluations import Evaluation, Result
from pipeline.studio.evaluation.comparing import Row
from pipeline.studio.evaluation.words import in_order, interval_words, value_words

SHORT: dict[Better, str] = {"lower": "↓ lower", "higher": "↑ higher", "real": "≈ floor"}


def names(evaluation: Evaluation) -> list[str]:
    """The names of the metrics, as the rows of `results`."""
    return list(in_order(evaluation.results))


def results(evaluation: Evaluation) -> pa.Table:
    """A row for each metric: its title, value, interval, floor, which values are better, and the images compared."""
    found = in_order(evaluation.results)
    return pa.table(
        {
            "Metric": [METRICS[name].title for name in found],
            "Value": [
                "—" if each.value is None else value_words(METRICS[name], each.value) for name, each in found.items()
            ],
            "95% interval": [interval_words(METRICS[name], each) or "—" for name, each in found.items()],
            "Floor": [
                "—" if each.floor is None else value_words(METRICS[name], each.floor) for name, each in found.items()
            ],
            "Better": [SHORT[METRICS[name].better] for name in found],
            "Images": [counts(each) for each in found.values()],
        }
    )


def counts(result: Result) -> str:
    """Generated images against real ones: 1,000 : 500"""
    return "—" if result.value is None else f"{result.generated:,} : {result.real:,}"


def comparison(rows: Sequence[Row], letters: str) -> pa.Table:
    """A row for each metric: a column for each evaluation, and for each but the first its difference in words."""
    table: dict[str, list[str]] = {"Metric": [row.metric.title for row in rows]}
    for place, letter in enumerate(letters[: len(rows[0].results) if rows else 0]):
        table[letter] = [_cell(row, place) for row in rows]
    table["Floor"] = [_floor(row) for row in rows]
    table["Better"] = [SHORT[row.metric.better] for row in rows]
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
    return value_words(row.metric, floors[0]) if floors else "—"
