"""What a chart shows of its data, against values known in closed form."""

import numpy as np
import pyarrow as pa
import pytest

from pipeline.studio.charts import chart_view

NONE = np.empty(0)


def table(values, x=None, metric="loss", low=None, high=None):
    values = np.asarray(values, np.float32)
    x = np.arange(1, len(values) + 1) if x is None else x
    columns = {"value": values, "low": values if low is None else low, "high": values if high is None else high}
    cells = {name: pa.array(np.asarray(each, np.float32), from_pandas=True) for name, each in columns.items()}
    return pa.table({"x": pa.array(x, pa.float64()), "metric": pa.repeat(metric, len(values)), **cells})


def rows(found):
    return [tuple(row.values()) for row in found.to_pylist()]


def test_a_page_reaches_from_the_first_to_the_last_position_of_all_its_charts():
    assert chart_view.extent([table([1, 2], [3, 7]), table([1], [5]), table([])]) == (3, 7)
    assert chart_view.extent([]) == (0, 1)
    assert chart_view.extent([table([1], [4])]) == (4, 5)


def test_clipping_leaves_the_middle_values_and_a_quarter_of_their_range_on_either_side():
    values = [*range(101), 10_000]
    # The first and last percentile are 1 and 100.
    clip = chart_view.clipped([table(values)])
    assert (clip.low, clip.high) == (1 - 99 / 4, 100 + 99 / 4)
    assert clip.outside == 1


def test_clipping_on_a_logarithmic_axis_measures_ranges_in_decades():
    values = [*np.logspace(0, 2, 101), 1e9]
    clip = chart_view.clipped([table(values)], log=True)
    assert np.log10([clip.low, clip.high]) == pytest.approx([0.02 - 1.98 / 4, 2 + 1.98 / 4])
    assert clip.outside == 1


@pytest.mark.parametrize("values", [[], [1, 2, 3], [5] * 100, [np.nan]])
def test_without_outliers_nothing_is_clipped(values):
    assert chart_view.clipped([table(values)]) is None


def test_a_logarithmic_axis_shows_positive_values_and_counts_the_others():
    (shown,), hidden = chart_view.positive([table([4, -1, 0, 2], low=[-3, -2, -1, 1], high=[5, 3, 0, 4])])
    assert hidden == 2
    # The band of 4 ends at the smallest positive value, 1, instead of at −3.
    assert [row[2:] for row in rows(shown)] == [(4, 1, 5), (None, None, None), (None, None, None), (2, 1, 4)]
    assert chart_view.has_positive([table([-1]), table([2])])
    assert not chart_view.has_positive([table([-1, 0, np.nan])])


def test_a_measurement_holds_until_the_next_and_the_last_one_to_the_end():
    points = table([7, 8], [0, 50], "diversity")
    assert rows(chart_view.held(points, {"diversity": 60}))[2:] == [(60, "diversity", 8, None, None)]
    assert chart_view.held(points, {"diversity": 50}).equals(points)
    assert chart_view.held(points, {"other": 60}).equals(points)


def test_the_readout_has_each_line_up_to_its_last_point():
    dense = table([1, 2, 3], [1, 2, 3], "loss", low=[0, 1, 2], high=[2, 3, 4])
    sparse = table([9, 8], [2, 5], "diversity")
    found = chart_view.readout([dense, sparse], ["loss", "diversity"], np.array([2.5, 9.0]))
    assert found.column_names == ["x", "v0", "low0", "high0", "v1"]  # Diversity has no range.
    assert [(x, loss, diversity) for x, loss, _, _, diversity in rows(found)] == [
        (1, 1, None), (2, 2, 9), (2.5, 2, 9), (3, 3, 9), (5, None, 8), (9, None, None),
    ]  # fmt: skip


def test_a_gap_stays_a_gap_in_the_readout():
    found = chart_view.readout([table([1, np.nan, 3])], ["loss"], NONE)
    assert found["v0"].to_pylist() == [1, None, 3]
    assert chart_view.readout([table([])], ["loss"], NONE).num_rows == 0


def test_positions_outside_the_page_are_left_out():
    assert chart_view.within(np.array([0.0, 1, 2, 3]), (1, 2)).tolist() == [1, 2]
