"""Two runs are compared by what they recorded."""

from collections.abc import Callable

import numpy as np
import pytest

from pipeline.runs import metrics, point_series
from pipeline.runs.agreement import CHUNK, Agreement, Difference, compare
from pipeline.runs.store import RunRecord, Store
from tests.runs.databases import SQLITE

DATABASES = SQLITE

NAMES = ("loss", "gain", "images_per_second", "seconds")


@pytest.fixture
def recorded(store: Store, new_run: Callable[..., RunRecord]) -> Callable[..., str]:
    """recorded(values): a run with these values (steps, series) from step 1 on."""

    def make(values: np.ndarray, names: tuple[str, ...] = NAMES) -> str:
        run = new_run().id
        metrics.append(store, run, 1, names, values)
        return run

    return make


@pytest.fixture
def values() -> np.ndarray:
    return np.random.default_rng(0).normal(size=(CHUNK + 100, len(NAMES))).astype(np.float32)


def test_runs_agree_if_only_their_clocks_differ(store: Store, recorded: Callable[..., str], values: np.ndarray) -> None:
    values[5, 0] = np.nan
    again = values.copy()
    again[:, 2:] += 1
    first, second = recorded(values), recorded(again)
    point_series.record(store, second, 7, {"diversity": 0.5})
    found = compare(store, first, second, 1, len(values))
    assert found == Agreement(len(values))
    assert found.sentence == "They agree up to step 4,196."


@pytest.mark.parametrize("step", [1, CHUNK, CHUNK + 1, CHUNK + 100])
def test_the_last_bit_of_one_value_is_a_difference(
    store: Store, recorded: Callable[..., str], values: np.ndarray, step: int
) -> None:
    again = values.copy()
    again[step - 1, 1] = np.nextafter(values[step - 1, 1], np.float32(9))
    found = compare(store, recorded(values), recorded(again), 1, len(values)).difference
    assert found == Difference(step, "gain", float(values[step - 1, 1]), float(again[step - 1, 1]))
    assert 0 < found.size < 1e-6


def test_a_comparison_is_continued_and_ends_with_the_first_difference(
    store: Store, recorded: Callable[..., str]
) -> None:
    long, short = recorded(np.ones((9, 4))), recorded(np.ones((6, 4)))
    begun = compare(store, long, short, 1, 4)
    # The steps that only one of them has are left out.
    assert (begun.last, compare(store, long, short, 5, 9, begun).last) == (4, 6)
    other = recorded(np.arange(36).reshape(9, 4))
    different = compare(store, long, other, 1, 2)
    assert compare(store, long, other, 3, 9, different) is different
    assert different.sentence == "They first differ at step 1: loss was 1 and is 0, by -1."


def test_runs_without_a_common_series_or_step_are_not_compared(store: Store, recorded: Callable[..., str]) -> None:
    long = recorded(np.ones((9, 4)))
    assert compare(store, long, recorded(np.ones((9, 1)), ("kl",)), 1, 9) == Agreement()
    assert compare(store, long, long, 20, 30).sentence == "No step has been compared yet."
