"""Carried values agree with those of a loop over the steps, and bands of points leave none out."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.runs.points import Points, carried, columns_of, points_from

STEPS = st.lists(st.integers(0, 200), unique=True, max_size=20).map(sorted)


def points_at(steps: list[int]) -> Points:
    values = np.random.default_rng(len(steps)).standard_normal(len(steps), dtype=np.float32)
    if len(steps) > 2:
        values[1] = np.nan
    return Points(np.array(steps, np.int64), values)


@given(STEPS, STEPS.filter(bool))
def test_a_carried_value_is_the_latest_at_or_before_each_step(steps: list[int], ends: list[int]):
    points = points_at(steps)
    firsts = np.array([0, *(end + 1 for end in ends[:-1])], np.int64)
    last, low, high = carried(points, firsts, np.array(ends, np.int64))
    at_step = [np.nan] * 201
    for step in range(201):
        earlier = [value for at, value in zip(steps, points.values, strict=True) if at <= step]
        at_step[step] = earlier[-1] if earlier else np.nan
    for place, (first, end) in enumerate(zip(firsts, ends, strict=True)):
        numbers = [value for value in at_step[first : end + 1] if not np.isnan(value)]
        np.testing.assert_equal(last[place], at_step[end])
        np.testing.assert_equal((low[place], high[place]), (min(numbers, default=np.nan), max(numbers, default=np.nan)))


@given(STEPS, st.sampled_from([1, 2, 64]))
def test_each_point_is_in_the_band_of_its_step_and_step_0_in_a_band_of_its_own(steps: list[int], width: int):
    merged = points_at(steps).merged(width)
    bands = sorted({(step - 1) // width for step in steps})
    assert ((merged.ends - 1) // width).tolist() == bands
    assert merged.points.sum() == len(steps)


@given(STEPS.filter(bool))
def test_points_come_back_from_the_columns_of_a_block(steps: list[int]):
    points = points_at(steps)
    columns = columns_of(points)
    found = points_from(columns["steps"], columns["raw"])
    np.testing.assert_array_equal(found.steps, points.steps)
    np.testing.assert_array_equal(found.values, points.values)
