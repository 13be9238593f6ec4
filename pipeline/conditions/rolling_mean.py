"""The mean over the last n steps, one step at a time and all at once, equal to the last bit.

Sums of floats depend on their order, so both add up in the same one. Steps are cut into blocks of n, at the multiples
of n. The n steps up to a step are the end of one block, summed from its last step backwards, and the beginning of the
next, summed forwards. No sum is ever taken away from another: an infinity leaves nothing behind once it is n steps
old, rounding does not pile up, and n does not change the cost of a step.

NaN is left out: a mean is the mean of the values that are there, and NaN where there is none. "The last n steps" go by
number, so that steps that were not recorded are missing and not replaced by older ones.
"""

import math

import numpy as np
from numpy.typing import NDArray


class RunningMean:
    """The mean over the last `window` steps (1 or more), one step at a time. current: NaN before the first."""

    __slots__ = ("_block", "_count", "_newer", "_older", "_sum", "_window", "current")

    def __init__(self, window: int) -> None:
        self.current = math.nan
        self._window = window
        self._block = 0
        self._newer: list[tuple[int, float]] = []  # steps of this block with their values, NaN left out
        self._sum = 0.0
        self._count = 0
        # What is left of the block before: (step, sum, count) from that step to the block's end, the oldest last.
        self._older: list[tuple[int, float, int]] = []

    def push(self, step: int, value: float) -> None:
        """Takes in the value of a step, which comes after all those before."""
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
        # Were blocks left out in between, what is put here is too old, and taken away again at once.
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
    # A row for each block there is: not more cells than steps from the first to the last, and no more than about n
    # where the steps are evenly spaced.
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
