"""Summaries of values, and summaries of summaries, agree with the values."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pipeline.runs.blocks import BLOCK, CELL, cells_from, columns_of, floats_from, split

FIRST_STEPS = st.integers(1, 3 * BLOCK)
VALUES = arrays(np.float32, st.integers(1, 300), elements=st.floats(width=32))


@given(FIRST_STEPS, st.integers(0, 3 * BLOCK))
def test_each_piece_is_in_one_block_and_values_keep_their_order(first_step: int, length: int):
    values = np.arange(length, dtype=np.float32)
    pieces = list(split(first_step, values))
    assert np.array_equal(np.concatenate([np.empty(0), *(piece for _, piece in pieces)]), values)
    step = first_step
    for start, piece in pieces:
        assert start == step
        assert (start - 1) // BLOCK == (start + len(piece) - 2) // BLOCK
        step += len(piece)


@given(FIRST_STEPS, VALUES, st.sampled_from([1, 2, 64, 128]))
def test_a_merged_cell_has_the_last_lowest_and_highest_of_its_steps(first_step: int, values: np.ndarray, width: int):
    merged = cells_from([first_step], [len(values)], np.tile(values, (3, 1)), 1).merged(width)
    steps = np.arange(first_step, first_step + len(values))
    for i, band in enumerate(sorted({(step - 1) // width for step in steps.tolist()})):
        inside = values[(steps - 1) // width == band]
        numbers = inside[~np.isnan(inside)]
        np.testing.assert_equal(merged.last[i], inside[-1])
        np.testing.assert_array_equal(merged.low[i], min(numbers, default=np.nan))
        np.testing.assert_array_equal(merged.high[i], max(numbers, default=np.nan))
        assert merged.points[i] == len(inside)
        assert merged.ends[i] == steps[(steps - 1) // width == band][-1]


@given(FIRST_STEPS, VALUES)
def test_a_blocks_columns_hold_its_values_and_both_summaries(first_step: int, values: np.ndarray):
    first_step, values = next(split(first_step, values))
    columns = columns_of(first_step, values)
    np.testing.assert_array_equal(floats_from(columns["raw"]), values)
    fine = cells_from([first_step], [len(values)], floats_from(columns["cells"]).reshape(-1, 3).T, CELL)
    exact = cells_from([first_step], [len(values)], np.tile(values, (3, 1)), 1).merged(CELL)
    for name in ("ends", "points", "low", "high", "last"):
        np.testing.assert_array_equal(getattr(fine, name), getattr(exact, name))
    coarse = [np.nan if columns[name] is None else columns[name] for name in ("low", "high", "last")]
    whole = exact.merged(BLOCK)
    np.testing.assert_array_equal(coarse, [whole.low[0], whole.high[0], whole.last[0]])
