"""Histograms counted from bits, compared with numpy's histograms over the same edges."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from pipeline.inspection.log2_histogram import exponent_counts, octave_histogram
from pipeline.runs.probe_records import BINS, EDGES


def histogram(values):
    return octave_histogram(exponent_counts(values).numpy())


@given(st.lists(st.floats(width=32)))
def test_every_finite_value_is_in_the_bin_of_its_magnitude(numbers):
    values = np.array(numbers, np.float32)
    finite = values[np.isfinite(values)].astype(np.float64)
    # Mirrored at zero, a bin includes its edge nearer to zero.
    sides = np.histogram(finite[finite > 0], EDGES)[0] + np.histogram(-finite[finite < 0], EDGES)[0][::-1]
    sides[BINS // 2] += np.count_nonzero(finite == 0)
    assert np.array_equal(histogram(torch.from_numpy(values)), sides)


def test_the_bins_are_octaves_mirrored_at_zero():
    assert len(EDGES) == BINS + 1 and BINS % 2 == 1
    assert np.array_equal(EDGES, -EDGES[::-1])
    positive = EDGES[BINS // 2 + 1 : -1]
    assert np.array_equal(positive[1:] / positive[:-1], np.full(len(positive) - 1, 2.0))


def test_memory_format_and_precision_do_not_matter():
    values = torch.randn(3, 5, 4, 6, generator=torch.Generator().manual_seed(0)).bfloat16()
    expected = histogram(values.float().flatten())
    assert np.array_equal(histogram(values), expected)
    assert np.array_equal(histogram(values.contiguous(memory_format=torch.channels_last)), expected)
    assert np.array_equal(histogram(values.transpose(0, 3)), expected)


@pytest.mark.parametrize("shape", [(0,), (), (0, 3, 4, 4)])
def test_empty_and_scalar_tensors_have_histograms(shape):
    assert histogram(torch.zeros(shape)).sum() == np.prod(shape)
