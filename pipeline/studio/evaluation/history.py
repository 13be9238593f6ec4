"""The data of charts over the checkpoints of a run: a metric of all evaluations of the same way."""

from collections.abc import Sequence

import pyarrow as pa

from pipeline.runs.evaluations import Evaluation, Way


def same_way(evaluations: Sequence[Evaluation], way: Way) -> list[Evaluation]:
    """The evaluations that were measured in this way, by step."""
    return [each for each in evaluations if each.way.key == way.key]


def over_steps(evaluations: Sequence[Evaluation], metric: str) -> pa.Table:
    """Columns step, value, low, high (the 95 % interval; the value where it has none) and floor of one metric, a row
    for each evaluation that has a value of it."""
    rows = [(each.step, each.results[metric]) for each in evaluations if metric in each.results]
    found = [(step, result) for step, result in rows if result.value is not None]
    columns = {
        "value": [result.value for _, result in found],
        "low": [result.value if result.low is None else result.low for _, result in found],
        "high": [result.value if result.high is None else result.high for _, result in found],
        "floor": [result.floor for _, result in found],
    }
    steps = pa.array([step for step, _ in found], pa.int64())
    return pa.table({"step": steps, **{name: pa.array(each, pa.float64()) for name, each in columns.items()}})
