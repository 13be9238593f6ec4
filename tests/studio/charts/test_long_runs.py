"""A run of ten million points: its charts are read at once, small, and complete."""

import io
import time
from collections.abc import Callable, Iterable

import numpy as np
import pyarrow as pa
import pytest

from pipeline.graph import document
from pipeline.runs import metrics
from pipeline.runs.metrics import SECONDS
from pipeline.runs.store import RunRecord, Store
from pipeline.studio import workflows
from pipeline.studio.charts import curves
from pipeline.studio.charts.curves import Lines, StepRange
from tests.promises import Promise

STEPS, ROUNDS = 1_250_000, 20


def sizes(charts: Iterable[Lines]) -> int:
    """The bytes of these charts' tables as the browser receives them."""
    total = 0
    for chart in charts:
        sink = io.BytesIO()
        with pa.ipc.new_stream(sink, chart.points.schema) as stream:
            stream.write_table(chart.points)
        total += len(sink.getvalue())
    return total


@pytest.mark.slow
def test_ten_million_points_are_drawn_at_once_with_every_extreme_and_each_is_reached_by_zooming(
    store: Store, new_run: Callable[..., RunRecord], promise: Promise
) -> None:
    workflow = document.write(workflows.open_template("dcgan"))
    measured = workflows.measured_names(workflow)
    every_step = [each.name for each in workflows.series_of(workflow) if each.name not in measured]
    names = [*(name for name in every_step if name != SECONDS), SECONDS]
    random = np.random.default_rng(0)
    values = random.normal(size=(STEPS, len(names))).astype(np.float32)
    values[:, -1] = np.arange(STEPS, dtype=np.float32) / 10
    assert values.size >= 10_000_000
    run = new_run(workflow_text=workflow, total_steps=STEPS)
    for start in range(0, STEPS, 100_000):
        metrics.append(store, run.id, start + 1, names, values[start : start + 100_000])
    store.update(run.id, step=STEPS)
    run = store.run(run.id)

    usual, more = curves.groups(store, run)
    taken = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        overview = curves.charts(store, run, usual)
        taken.append(time.perf_counter() - began)
    promise("the usual charts of ten million points", float(np.median(taken)), 0.05)
    assert sizes(overview.charts.values()) < 200_000

    for title, chart in curves.charts(store, run, {**usual, **more}).charts.items():
        drawn = chart.points.to_pandas().groupby("metric")
        for name in chart.metrics:
            points, its = drawn.get_group(name), values[:, names.index(name)]
            assert (points["low"].min(), points["high"].max()) == (its.min(), its.max()), title

    loss = {title: group for title, group in usual.items() if title == "Loss"}
    for first in random.integers(1, STEPS - 500, size=20):
        zoomed = curves.charts(store, run, loss, part=StepRange(int(first), int(first) + 500)).charts["Loss"]
        points = zoomed.points.to_pandas()
        line = points[points["metric"] == "D_loss"].set_index("x")["value"]
        steps = np.arange(first, first + 501)
        np.testing.assert_array_equal(line.loc[steps], values[steps - 1, names.index("D_loss")])
