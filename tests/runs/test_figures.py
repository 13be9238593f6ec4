"""The last, lowest and highest values of the series of many runs."""

from collections.abc import Callable

import numpy as np
import pytest
from sqlalchemy import event

from pipeline.runs import edits, metrics, point_series
from pipeline.runs.blocks import BLOCK
from pipeline.runs.figures import Figures, figures, metric_names
from pipeline.runs.points import MOST
from pipeline.runs.run_filter import RunFilter
from pipeline.runs.store import RunRecord, Store
from tests.runs.databases import sqlite_only

NewRun = Callable[..., RunRecord]


@sqlite_only
def test_figures_are_those_of_all_blocks(store: Store, new_run: NewRun) -> None:
    random = np.random.default_rng(1)
    every_step = random.normal(size=BLOCK + 10).astype(np.float32)
    points = random.normal(size=MOST + 3).astype(np.float32)
    # The last block has neither the lowest nor the highest value.
    every_step[-10:] = points[-3:] = 0
    run = new_run().id
    metrics.append(store, run, 1, ["loss"], every_step[:, None])
    for step, value in enumerate(points):
        point_series.record(store, run, step, {"distance": float(value)})
    assert figures(store, [run])[run] == {
        "loss": Figures(0.0, float(every_step.min()), float(every_step.max())),
        "distance": Figures(0.0, float(points.min()), float(points.max())),
    }


def test_values_that_are_not_numbers_are_passed_over(store: Store, new_run: NewRun) -> None:
    run = new_run().id
    metrics.append(store, run, 1, ["ends in NaN", "only NaN"], [[2, np.nan], [np.nan, np.nan]])
    for step, value in enumerate([5.0, 3.0, np.nan]):
        point_series.record(store, run, step, {"measured": value})
    found = figures(store, [run])[run]
    assert found["ends in NaN"] == Figures(None, 2.0, 2.0)
    assert found["only NaN"] == Figures(None, None, None)
    assert found["measured"] == Figures(None, 3.0, 5.0)


def test_only_the_named_series_of_the_named_runs_are_read_and_runs_without_them_are_left_out(
    store: Store, new_run: NewRun
) -> None:
    one, other, empty = (new_run().id for _ in range(3))
    for run in (one, other):
        metrics.append(store, run, 1, ["a", "b"], [[1, 2]])
    assert figures(store, [one, empty, "unknown"], ["b", "c"]) == {one: {"b": Figures(2.0, 2.0, 2.0)}}


@pytest.mark.parametrize("count", [1, 30])
def test_the_number_of_queries_does_not_depend_on_the_number_of_runs(store: Store, new_run: NewRun, count: int) -> None:
    runs = [new_run().id for _ in range(count)]
    for run in runs:
        metrics.append(store, run, 1, ["a", "b"], [[1, 2]])
    asked: list[str] = []
    event.listen(store.database._engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    assert len(figures(store, runs)) == count
    assert len([each for each in asked if each.startswith("SELECT")]) == 2


def test_names_of_metrics_are_counted_over_the_runs_that_are_found(store: Store, new_run: NewRun) -> None:
    one, two, archived = (new_run().id for _ in range(3))
    metrics.append(store, one, 1, ["b"], [[1]])
    metrics.append(store, two, 1, ["a", "b"], [[1, 2]])
    metrics.append(store, archived, 1, ["c"], [[1]])
    edits.archive(store, [archived])
    assert list(metric_names(store, RunFilter()).items()) == [("b", 2), ("a", 1)]
