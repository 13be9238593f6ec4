"""Curves are exact at every length, after any sequence of appending, truncating and recording again."""

import time
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.errors.runs import UnknownRun
from pipeline.runs import metrics
from pipeline.runs.store import RunRecord, Store
from tests.promises import Promise
from tests.runs.databases import sqlite_only

NewRun = Callable[..., RunRecord]


def wave(count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(count, dtype=np.float32)


def assert_exact(curves: metrics.Curves, name: str, first_step: int, values: np.ndarray, first: int, last: int) -> None:
    """Assert that the curve matches the values of steps `first` to `last`, band by band."""
    steps = np.arange(first_step, first_step + len(values))
    inside = (steps >= first) & (steps <= last)
    steps, values = steps[inside], values[inside]
    band = (steps - 1) // curves.width
    starts = np.flatnonzero(np.diff(band, prepend=-1))
    ends = np.append(starts[1:], len(band)) - 1
    curve = curves.series[name]
    np.testing.assert_array_equal(curves.steps, steps[ends])
    np.testing.assert_array_equal(curve.last, values[ends])
    np.testing.assert_array_equal(curve.low, np.minimum.reduceat(values, starts))
    np.testing.assert_array_equal(curve.high, np.maximum.reduceat(values, starts))
    assert curves.points == len(values)


def test_a_short_run_is_shown_step_by_step(store: Store, new_run: NewRun):
    run = new_run().id
    metrics.append(store, run, 1, ["D_loss", "seconds"], [[0.5, 0.1], [0.25, 0.2]])
    metrics.append(store, run, 3, ["D_loss", "seconds"], [[0.125, 0.3]])
    curves = metrics.history(store, run)
    assert curves.steps.tolist() == [1, 2, 3]
    assert curves.series["D_loss"].last.tolist() == [0.5, 0.25, 0.125]
    np.testing.assert_array_equal(curves.seconds, np.float32([0.1, 0.2, 0.3]))
    assert list(curves.series) == ["D_loss"]
    assert (curves.points, curves.width) == (3, 1)


def test_a_run_without_metrics_has_empty_curves(store: Store, new_run: NewRun):
    run = new_run().id
    curves = metrics.history(store, run, ["D_loss"])
    assert len(curves.steps) == len(curves.series["D_loss"].last) == curves.points == 0
    assert metrics.names(store, run) == []
    assert list(metrics.rows(store, run)) == []
    metrics.append(store, run, 1, [], np.empty((0, 0)))
    metrics.truncate(store, run, 0)


@pytest.mark.parametrize("run", ["../..", "20200101-000000-00000000"])
def test_metrics_of_a_missing_run_are_refused(store: Store, run: str):
    for door in (
        lambda: metrics.append(store, run, 1, ["a"], [[1.0]]),
        lambda: metrics.truncate(store, run, 1),
        lambda: metrics.history(store, run),
        lambda: metrics.names(store, run),
        lambda: list(metrics.rows(store, run)),
    ):
        with pytest.raises(UnknownRun):
            door()


@pytest.mark.parametrize("count", [999, 1000, 1001, 4096, 4097, 70_001, 300_000])
def test_a_curve_is_exact_at_every_length(store: Store, new_run: NewRun, count: int):
    run = new_run().id
    values = wave(count)
    for start in range(0, count, 17_171):
        metrics.append(store, run, start + 1, ["a"], values[start : start + 17_171, None])
    curves = metrics.history(store, run)
    assert min(count, 500) <= len(curves.steps) <= 1000
    assert_exact(curves, "a", 1, values, 1, count)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
@sqlite_only
def test_a_range_cut_through_bands_is_exact(store: Store, new_run: NewRun, data: st.DataObject):
    first_step = data.draw(st.integers(1, 9000))
    values = wave(data.draw(st.integers(1, 30_000)))
    end = first_step + len(values) - 1
    run = new_run().id
    metrics.append(store, run, first_step, ["a"], values[:, None])
    first = data.draw(st.integers(first_step, end))
    last = data.draw(st.integers(first, end))
    bands = data.draw(st.sampled_from([1, 2, 5, 100, 1000]))
    curves = metrics.history(store, run, ["a"], bands, first, last)
    assert len(curves.steps) <= bands
    assert_exact(curves, "a", first_step, values, first, last)


def test_a_range_where_nothing_was_recorded_is_empty(store: Store, new_run: NewRun):
    run = new_run().id
    metrics.append(store, run, 101, ["a"], wave(50)[:, None])
    for first, last in [(1, 100), (151, 200), (140, 120)]:
        assert metrics.history(store, run, first=first, last=last).points == 0


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.floats(0, 1), st.integers(1, 6000)), min_size=1, max_size=6))
@sqlite_only
def test_recording_a_step_again_deletes_everything_after_it(
    store: Store, new_run: NewRun, slices: list[tuple[float, int]]
):
    run = new_run().id
    expected = np.empty(0, np.float32)
    for seed, (back, count) in enumerate(slices):
        kept = round(len(expected) * (1 - back))
        values = wave(count, seed)
        metrics.append(store, run, kept + 1, ["a"], values[:, None])
        expected = np.concatenate([expected[:kept], values])
    assert_exact(metrics.history(store, run, bands=300), "a", 1, expected, 1, len(expected))
    found = [values for _, values in metrics.rows(store, run)]
    np.testing.assert_array_equal(np.concatenate(found)[:, 0], expected)


def test_a_run_continues_after_truncation_to_a_checkpoint(store: Store, new_run: NewRun):
    run = new_run().id
    values = wave(10_000)
    metrics.append(store, run, 1, ["a"], values[:, None])
    for after_step in (20_000, 9_000, 8_192, 8_191, 5_000, 0):
        metrics.truncate(store, run, after_step)
        assert metrics.history(store, run).points == min(after_step, 10_000)
        if after_step:
            assert_exact(metrics.history(store, run), "a", 1, values, 1, after_step)
    metrics.append(store, run, 1, ["a"], values[:, None])
    assert_exact(metrics.history(store, run), "a", 1, values, 1, 10_000)


def test_bands_stay_in_place_while_a_run_grows(store: Store, new_run: NewRun):
    run = new_run().id
    values = wave(12_000)
    metrics.append(store, run, 1, ["a"], values[:10_000, None])
    before = metrics.history(store, run)
    metrics.append(store, run, 10_001, ["a"], values[10_000:, None])
    after = metrics.history(store, run)
    whole = len(before.steps) - 1
    np.testing.assert_array_equal(before.steps[:whole], after.steps[:whole])
    np.testing.assert_array_equal(before.series["a"].high[:whole], after.series["a"].high[:whole])


def test_nan_is_ignored_in_low_and_high_but_not_as_the_last_value(store: Store, new_run: NewRun):
    run = new_run().id
    values = np.float32([1, np.nan, 3, np.nan] + [np.nan] * 4 + [np.inf, -np.inf, 0, 0])
    metrics.append(store, run, 1, ["a"], values[:, None])
    curve = metrics.history(store, run, bands=3).series["a"]
    np.testing.assert_array_equal(curve.last, np.float32([np.nan, np.nan, 0]))
    np.testing.assert_array_equal(curve.low, np.float32([1, np.nan, -np.inf]))
    np.testing.assert_array_equal(curve.high, np.float32([3, np.nan, np.inf]))


def test_nan_survives_in_the_summaries_of_whole_blocks(store: Store, new_run: NewRun):
    run = new_run().id
    values = np.full(5 * 4096, np.nan, np.float32)
    values[4096:8192] = 2.0
    metrics.append(store, run, 1, ["a"], values[:, None])
    curve = metrics.history(store, run, bands=5).series["a"]
    np.testing.assert_array_equal(curve.low, np.float32([np.nan, 2, np.nan, np.nan, np.nan]))


def test_a_series_is_nan_at_steps_where_it_was_not_recorded(store: Store, new_run: NewRun):
    run = new_run().id
    metrics.append(store, run, 1, ["a"], [[1], [2]])
    metrics.append(store, run, 3, ["a", "b"], [[3, 30], [4, 40]])
    metrics.append(store, run, 5, ["b"], [[50]])
    metrics.append(store, run, 6, ["a", "b"], [[6, 60]])
    curves = metrics.history(store, run, ["b", "a", "c"])
    assert curves.steps.tolist() == [1, 2, 3, 4, 5, 6]
    np.testing.assert_array_equal(curves.series["a"].last, np.float32([1, 2, 3, 4, np.nan, 6]))
    np.testing.assert_array_equal(curves.series["b"].last, np.float32([np.nan, np.nan, 30, 40, 50, 60]))
    assert np.isnan(curves.series["c"].last).all()
    assert metrics.names(store, run) == ["a", "b"]
    [(steps, values)] = metrics.rows(store, run)
    assert steps.tolist() == [1, 2, 3, 4, 5, 6]
    np.testing.assert_array_equal(values[[0, 4]], np.float32([[1, np.nan], [np.nan, 50]]))


def test_runs_have_separate_metrics(store: Store, new_run: NewRun):
    first, second = new_run().id, new_run().id
    metrics.append(store, first, 1, ["a"], [[1], [2]])
    metrics.append(store, second, 1, ["a"], [[5]])
    metrics.truncate(store, first, 1)
    assert metrics.history(store, first).series["a"].last.tolist() == [1]
    assert metrics.history(store, second).series["a"].last.tolist() == [5]


@sqlite_only
def test_ten_million_steps_are_read_exactly_and_at_once(store: Store, new_run: NewRun, promise: Promise):
    run = new_run().id
    count = 10_000_000
    values = np.stack([wave(count), np.arange(count, dtype=np.float32)], axis=1)
    for start in range(0, count, 2_000_000):
        metrics.append(store, run, start + 1, ["a", "seconds"], values[start : start + 2_000_000])
    started = time.perf_counter()
    curves = metrics.history(store, run)
    took = time.perf_counter() - started
    assert 500 <= len(curves.steps) <= 1000
    assert_exact(curves, "a", 1, values[:, 0], 1, count)
    np.testing.assert_array_equal(curves.seconds, np.float32(curves.steps - 1))
    # Measured at 0.01 s; reading all values would take longer than this limit.
    promise("the curves of ten million steps", took, 0.5)
