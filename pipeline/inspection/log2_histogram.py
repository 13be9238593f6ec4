"""Histograms over octaves, counted from the bits of floats: one pass, without logarithms or a search for the bin."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pipeline.runs.probe_records import BINS, HIGHEST_OCTAVE, LOWEST_OCTAVE, Counts

CODES = 512
"""Number of combinations of sign and exponent, the first nine bits of a float32."""

_BIAS = 127
_NOT_FINITE = 255


def exponent_counts(values: Tensor) -> Tensor:
    """Count the values with each sign and exponent: (CODES,) int64 on the device."""
    if values.ndim == 4:
        # The memory order of channels-last tensors avoids a copy; the order does not affect the counts.
        values = values.movedim(1, -1)
    bits = values.reshape(-1).float().view(torch.int32)
    return torch.bincount((bits >> 23) & (CODES - 1), minlength=CODES)


def octave_histogram(counts: NDArray[np.int64]) -> Counts:
    """Counts by sign and exponent (CODES,) -> counts by the bins of `measurements.EDGES` (BINS,)."""
    histogram = np.zeros(BINS, np.int64)
    np.add.at(histogram, _BIN_OF_CODE[_FINITE], counts[_FINITE])
    return histogram


def _bins_of_codes() -> NDArray[np.int64]:
    codes = np.arange(CODES)
    octaves = np.clip((codes & 255) - _BIAS, LOWEST_OCTAVE - 1, HIGHEST_OCTAVE)
    from_zero = octaves - (LOWEST_OCTAVE - 1)
    middle = BINS // 2
    bins: NDArray[np.int64] = np.where(codes < CODES // 2, middle + from_zero, middle - from_zero)
    return bins


_BIN_OF_CODE = _bins_of_codes()
_FINITE = np.flatnonzero((np.arange(CODES) & 255) != _NOT_FINITE)
