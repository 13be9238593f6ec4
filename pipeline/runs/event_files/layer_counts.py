"""Histograms from the counts of a probe.

A probe keeps counts over fixed bins, not the values. So a histogram has true counts between true edges; where its first
or last bin is open, it ends an octave further on. Sum and sum of squares, which TensorBoard does not show, are left 0.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.runs.probe_records import Counts


class Histogram(NamedTuple):
    """n bins without empty ones at the ends. edges: (n + 1,), ascending and finite. counts: (n,)."""

    edges: NDArray[np.float64]
    counts: Counts


def histogram(edges: NDArray[np.float64], counts: Counts) -> Histogram | None:
    """The histogram of counts (bins,) between edges (bins + 1,), the outermost of which may be infinite; None if every
    count is 0."""
    filled = np.flatnonzero(counts)
    if not len(filled):
        return None
    first, last = int(filled[0]), int(filled[-1])
    finite = edges.copy()
    if np.isinf(finite[0]):
        finite[0] = 2 * finite[1]
    if np.isinf(finite[-1]):
        finite[-1] = 2 * finite[-2]
    return Histogram(finite[first : last + 2], counts[first : last + 1])
