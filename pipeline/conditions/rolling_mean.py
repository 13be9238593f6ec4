"""The mean over the last n steps, step by step and over arrays, equal bit for bit.

Float sums depend on the order, so both versions add in the same one. Steps are divided into blocks of n, at the
multiples of n. The last n steps are the end of one block, summed backwards from its last step, and the beginning of the
next, summed forwards. Nothing is ever subtracted, so an infinity has no effect once it is n steps old, rounding errors
do not accumulate, and the cost of a step does not depend on n.

NaN is ignored; the mean is NaN if there is no other value. "The last n steps" are counted by step number: steps that
were not recorded are missing, not replaced by older ones.
"""

import math

import numpy as np
from numpy.typing import NDArray


class RunningMean:
    """The mean over the last `window` (≥ 1) steps, step by step. current: the mean, NaN before the first step."""

    __slots__ = ("_block", "_count", "_newer", "_older", "_sum", "_window", "current")

    def __init__(self, window: int) -> None:
        self.current = math.nan
        self._window = window
        self._block = 0
        self._newer: list[tuple[int, float]] = []  # (step, value) of this block, without NaN
        self._sum = 0.0
        self._count = 0
        # The previous block: (step, sum, count) from that step to the block's end, oldest last.
        self._older: list[tuple[int, float, int]] = []

    def push(self, step: int, value: float) -> None:
        """Add the value of a step, which is later than all earlier ones."""
        window = self._window
        if step // window != self._block:
            self._turn_to(step // window)
        if value == value:
            self._sum += value
            self._count += 1
            self._newer.append((step, value))
        older = self._older
        while older and older[-1][0] <= step - window:
            older.pop()
        total, count = self._sum, self._count
        if older:
            total += older[-1][1]
            count += older[-1][2]
        self.current = total / count if count else math.nan

    def _turn_to(self, block: int) -> None:
        # If blocks were skipped, these values are too old, and `push` removes them at once.
        self._older, total = [], 0.0
        for count, (step, value) in enumerate(reversed(self._newer), start=1):
            total += value
            self._older.append((step, total, count))
        self._block, self._newer, self._sum, self._count = block, [], 0.0, 0


def rolling_mean(values: NDArray[np.float64], steps: NDArray[np.int64], window: int) -> NDArray[np.float64]:
    """The mean over the last `window` steps at every step. values: (n,); steps: (n,), ascending; returns (n,)."""
    if not len(steps):
        return np.empty(0)
    present = ~np.isnan(values)
    block = steps // window
    begins = np.flatnonzero(np.diff(block, prepend=block[0] - 1))  # (blocks,) where each block begins
    lengths = np.diff(begins, append=len(steps))
    first = np.repeat(begins, lengths)  # (n,) where the block of each step begins
    oldest = np.searchsorted(steps, steps - window, side="right")  # (n,) where the window of each step begins
    # One row per non-empty block: at most as many cells as steps between the first and the last, and about n cells
    # if the steps are evenly spaced.
    row, column = np.repeat(np.arange(len(begins)), lengths), np.arange(len(steps)) - first
    grid = np.zeros((len(begins), lengths.max()))
    grid[row, column] = np.where(present, values, 0.0)
    with np.errstate(invalid="ignore", over="ignore"):
        forwards = np.cumsum(grid, axis=1)[row, column]
        backwards = np.cumsum(grid[:, ::-1], axis=1)[:, ::-1][row, column]
        counted = np.concatenate([[0], np.cumsum(present)])
        total = forwards + np.where(oldest < first, backwards[oldest], 0.0)
        mean: NDArray[np.float64] = total / (counted[1:] - counted[oldest])
    return mean
