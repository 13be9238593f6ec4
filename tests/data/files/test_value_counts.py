"""Counting values: the same for every order and division, and exact where a scale depends on it."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from pipeline.data.files.value_counts import CountsByKind, ValueCounts


def counted(*parts: NDArray[Any]) -> ValueCounts:
    found = ValueCounts()
    for part in parts:
        found.add(part)
    return found


def facts(counts: ValueCounts) -> tuple[Any, ...]:
    quantiles = [counts.quantile(share) for share in (0.0, 0.1, 0.5, 0.9, 1.0)]
    return (
        counts.count,
        counts.smallest,
        counts.largest,
        counts.whole,
        dict(counts.above),
        dict(counts.below),
        quantiles,
    )


@settings(deadline=None)
@given(
    arrays.arrays(np.float32, st.integers(2, 40), elements=st.floats(-(2.0**99), 2.0**99, width=32)), st.integers(1, 39)
)
def test_neither_order_nor_division_matters(values: NDArray[Any], at: int) -> None:
    whole, parts = counted(values), counted(values[::-1][:at], values[::-1][at:])
    merged = counted(values[:at])
    merged.merge(counted(values[at:]))

    assert facts(whole) == facts(parts) == facts(merged)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int32, np.float64])
def test_quantiles_of_whole_numbers_up_to_4096_are_exact(dtype: type) -> None:
    counts = counted(np.arange(101).astype(dtype))

    assert [counts.quantile(share) for share in (0.0, 0.5, 1.0)] == [0, 50, 100]
    assert counted(np.array([4_093, 4_094, 4_095, 4_096], np.uint16)).quantile(0.5) == 4_094


def test_negative_numbers_are_in_order() -> None:
    counts = counted(np.array([-8.0, -4.0, -0.5, -0.0, 0.0, 2.0]))

    assert [counts.quantile(share / 6) for share in range(1, 7)] == [-8, -4, -0.5, 0, 0, 2]
    assert counts.share_outside(-1, 1) == 0.5
    assert counts.share_outside(-1, 1, of_zeros=False) == 0.75
    assert (counts.below[0.0], counts.below[-1.0], counts.above[1.0]) == (3, 2, 1)


def test_a_hair_above_one_is_counted() -> None:
    assert counted(np.array([0.5, 1.0, np.nextafter(np.float32(1), np.float32(2))], np.float32)).above[1.0] == 1


def test_a_histogram_counts_like_its_values() -> None:
    values, by_histogram = np.array([0, 3, 3, 255], np.uint8), ValueCounts()
    by_histogram.add_histogram(np.bincount(values))

    assert facts(by_histogram) == facts(counted(values)) == facts(counted(values.astype(np.int64)))


def test_kinds_are_counted_apart_and_without_values_not_at_all() -> None:
    counts, other = CountsByKind(), CountsByKind()
    counts.add("a", np.array([1, 2]))
    counts.add("none", np.array([]))
    other.add("b", np.array([3.0]))
    counts.merge(other)

    assert {kind: each.largest for kind, each in counts.result().items()} == {"a": 2, "b": 3}
