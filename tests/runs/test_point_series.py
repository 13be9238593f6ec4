"""What is measured at some steps only stands at those steps, and is carried forward on reading."""

import time
from collections.abc import Callable

import numpy as np
import pytest

from pipeline.errors.runs import UnknownRun
from pipeline.runs import metrics, point_series
from pipeline.runs.store import RunRecord, Store
from tests.runs.databases import sqlite_only

NewRun = Callable[..., RunRecord]
NAN = float("nan")


@pytest.fixture
def run(store: Store, new_run: NewRun) -> str:
    """A run of 100 steps, whose diversity was measured at steps 0, 50 and 99."""
    run = new_run().id
    point_series.record(store, run, 0, {"diversity": 0.25})
    record_steps(store, run, 1, 50)
    point_series.record(store, run, 50, {"diversity": 0.5})
    record_steps(store, run, 51, 50)
    point_series.record(store, run, 99, {"diversity": 0.75})
    return run


def record_steps(store: Store, run: str, first: int, count: int) -> None:
    steps = np.arange(first, first + count)
    metrics.append(store, run, first, ["loss", "seconds"], np.stack([1 / steps, steps], axis=1))


def points(store: Store, run: str, name: str = "diversity") -> dict[int, float]:
    found = point_series.read(store, run, [name]).get(name)
    return {} if found is None else dict(zip(found.steps.tolist(), found.values.tolist(), strict=True))


def test_a_measurement_stands_at_its_step_alone(store: Store, run: str):
    assert points(store, run) == {0: 0.25, 50: 0.5, 99: 0.75}
    [(steps, values)] = metrics.rows(store, run)
    column = values[:, metrics.names(store, run).index("diversity")]
    assert steps[~np.isnan(column)].tolist() == [50, 99]


def test_a_curve_has_the_latest_measurement_at_every_step(store: Store, run: str):
    curve = metrics.history(store, run).series["diversity"].last
    np.testing.assert_array_equal(curve, np.float32([0.25] * 49 + [0.5] * 49 + [0.75] * 2))
    np.testing.assert_array_equal(metrics.history(store, run, first=60, last=62).series["diversity"].last, [0.5] * 3)


def test_a_band_includes_the_value_carried_into_it(store: Store, run: str):
    curves = metrics.history(store, run, ["diversity"], bands=2)
    assert (curves.width, curves.steps.tolist()) == (64, [64, 100])
    curve = curves.series["diversity"]
    assert (curve.low.tolist(), curve.high.tolist(), curve.last.tolist()) == ([0.25, 0.5], [0.5, 0.75], [0.5, 0.75])


def test_before_the_first_measurement_there_is_no_value(store: Store, new_run: NewRun):
    run = new_run().id
    record_steps(store, run, 1, 10)
    point_series.record(store, run, 8, {"diversity": 0.5})
    curve = metrics.history(store, run).series["diversity"].last
    assert np.isnan(curve[:7]).all() and curve[7:].tolist() == [0.5] * 3
    assert point_series.latest(store, run, ["diversity"], 7) == (-1, {})
    assert point_series.latest(store, run, ["diversity"], 9) == (8, {"diversity": 0.5})


def test_a_measurement_without_a_number_begins_no_series(store: Store, run: str):
    point_series.record(store, run, 100, {"never": NAN, "diversity": NAN})
    assert metrics.names(store, run) == ["loss", "seconds", "diversity"]
    assert np.isnan(metrics.history(store, run).series["diversity"].last[-1])


def test_measuring_a_step_again_replaces_it_and_what_is_later(store: Store, run: str):
    point_series.record(store, run, 50, {"diversity": 0.625})
    assert points(store, run) == {0: 0.25, 50: 0.625}


def test_what_else_was_measured_at_a_step_stays_but_nothing_later(store: Store, run: str):
    point_series.record(store, run, 50, {"recall": 0.5})
    point_series.record(store, run, 50, {"diversity": 0.75})
    assert (points(store, run), points(store, run, "recall")) == ({0: 0.25, 50: 0.75}, {50: 0.5})


def test_a_series_that_is_no_longer_measured_has_a_gap(store: Store, run: str):
    point_series.record(store, run, 100, {"diversity": NAN, "recall": 0.5})
    found = point_series.read(store, run, ["diversity"])["diversity"]
    assert found.steps.tolist() == [0, 50, 99, 100] and np.isnan(found.values[-1])


@pytest.mark.parametrize(
    ("after", "left"), [(100, [0, 50, 99]), (99, [0, 50, 99]), (98, [0, 50]), (50, [0, 50]), (0, [0])]
)
def test_a_run_cut_after_a_step_keeps_the_measurement_of_that_step(store: Store, run: str, after: int, left: list[int]):
    metrics.truncate(store, run, after)
    assert list(points(store, run)) == left


def test_recording_a_step_again_deletes_the_measurements_from_it_on(store: Store, run: str):
    record_steps(store, run, 50, 1)
    assert list(points(store, run)) == [0]


def test_a_run_that_has_only_measured_its_first_state_has_no_metrics_yet(store: Store, new_run: NewRun):
    run = new_run().id
    point_series.record(store, run, 0, {"diversity": 0.25})
    assert metrics.names(store, run) == [] and metrics.history(store, run).points == 0


@pytest.mark.parametrize("run", ["../..", "20200101-000000-00000000"])
def test_measurements_of_a_missing_run_are_refused(store: Store, run: str):
    for door in (
        lambda: point_series.record(store, run, 1, {"a": 1.0}),
        lambda: point_series.read(store, run, ["a"]),
        lambda: point_series.latest(store, run, ["a"], 1),
        lambda: point_series.convert(store, run, ["a"]),
    ):
        with pytest.raises(UnknownRun):
            door()


@sqlite_only
def test_many_measurements_are_read_exactly_and_fast(store: Store, new_run: NewRun):
    run, count = new_run().id, 20_000
    values = np.random.default_rng(0).standard_normal(count, dtype=np.float32)
    metrics.append(store, run, 1, ["a"], np.repeat(values, 50)[:, None])
    point_series.convert(store, run, ["a"])
    found = point_series.read(store, run, ["a"])["a"]
    np.testing.assert_array_equal(found.steps, np.arange(count) * 50)
    np.testing.assert_array_equal(found.values, values)
    started = time.perf_counter()
    point_series.record(store, run, 50 * count, {"a": 1.0})
    assert len(point_series.read(store, run, ["a"])["a"].steps) == count + 1
    assert point_series.latest(store, run, ["a"], 75)[1]["a"] == values[1]
    # Measured at 0.01 s on a quiet machine.
    assert time.perf_counter() - started < 2


def test_measurements_repeated_in_later_rows_are_found_at_their_steps(store: Store, new_run: NewRun):
    """As before version 0.4.0: what was measured at step 50 stands in rows 51 to 100."""
    run = new_run().id
    steps = np.arange(1, 121)
    measured = np.float32([0.25, 0.5, 0.75])[(steps - 1) // 50]
    still, never = np.ones(120), np.full(120, np.nan)
    table = np.stack([1 / steps, measured, still, never], axis=1)
    metrics.append(store, run, 1, ["loss", "diversity", "still", "never"], table)
    names = ["diversity", "still", "never", "unknown"]
    found = point_series.from_rows(store, run, names)
    assert {name: (each.steps.tolist(), each.values.tolist()) for name, each in found.items()} == {
        "diversity": ([0, 50, 100], [0.25, 0.5, 0.75]),
        "still": ([0, 50, 100], [1, 1, 1]),
    }
    point_series.convert(store, run, names)
    assert points(store, run) == {0: 0.25, 50: 0.5, 100: 0.75}
    curves = metrics.history(store, run)
    assert curves.series["diversity"].last[[49, 50, 99]].tolist() == [0.5, 0.5, 0.75]
    np.testing.assert_array_equal(curves.series["loss"].last, np.float32(1 / steps))
    point_series.convert(store, run, names)
    assert points(store, run) == {0: 0.25, 50: 0.5, 100: 0.75}
