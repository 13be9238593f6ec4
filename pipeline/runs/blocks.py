"""Blocks of metric values and their summaries: at 1, 64 and 4,096 steps.

Step s lies in cell (s - 1) // 64 and in block (s - 1) // 4096, whatever step a series begins at, so that a cell, a
block and a chart's band (a power of two wide, `metrics.py`) never straddle each other and summaries of summaries stay
exact. Low and high leave NaN out unless there is nothing else; last is the last value, NaN or not.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

CELL = 64
BLOCK = 4096

Float32Array = NDArray[np.float32]
Steps = NDArray[np.int64]


@dataclass(frozen=True)
class Cells:
    """What is known of n stretches of steps, in order. `ends`: the last step of each; `points`: values in each."""

    ends: Steps  # (n,)
    points: Steps  # (n,)
    low: Float32Array  # (n,)
    high: Float32Array  # (n,)
    last: Float32Array  # (n,)

    def merged(self, width: int) -> "Cells":
        """One cell for each stretch of `width` steps that holds any; `width` is a multiple of the cells' own."""
        band = (self.ends - 1) // width
        starts = np.flatnonzero(np.diff(band, prepend=-1))
        if len(starts) == len(band):
            return self
        ends = np.append(starts[1:], len(band)) - 1
        return Cells(
            ends=self.ends[ends],
            points=np.add.reduceat(self.points, starts),
            # fmin and fmax pass over NaN where there is a number beside it.
            low=np.fmin.reduceat(self.low, starts),
            high=np.fmax.reduceat(self.high, starts),
            last=self.last[ends],
        )

    def between(self, low: int, high: int) -> "Cells":
        """The cells that end within steps low to high."""
        inside = slice(np.searchsorted(self.ends, low), np.searchsorted(self.ends, high, side="right"))
        return Cells(self.ends[inside], self.points[inside], self.low[inside], self.high[inside], self.last[inside])


def joined(parts: list[Cells]) -> Cells:
    """Cells that follow each other, as one; at least one part."""
    return Cells(
        ends=np.concatenate([part.ends for part in parts]),
        points=np.concatenate([part.points for part in parts]),
        low=np.concatenate([part.low for part in parts]),
        high=np.concatenate([part.high for part in parts]),
        last=np.concatenate([part.last for part in parts]),
    )


def split(first_step: int, values: Float32Array) -> Iterator[tuple[int, Float32Array]]:
    """(first step, values) of the pieces that lie in one block each."""
    start = 0
    while start < len(values):
        step = first_step + start
        stop = start + BLOCK - (step - 1) % BLOCK
        yield step, values[start:stop]
        start = stop


def columns_of(first_step: int, values: Float32Array) -> dict[str, object]:
    """The columns of a block's row (`schema.metric_blocks`); the values lie in one block and are at least one."""
    cells = cells_from([first_step], [len(values)], np.tile(values, (3, 1)), 1).merged(CELL)
    block = cells.merged(BLOCK)
    return {
        "points": len(values),
        "low": _nullable(block.low[0]),
        "high": _nullable(block.high[0]),
        "last": _nullable(block.last[0]),
        "cells": np.column_stack([cells.low, cells.high, cells.last]).astype("<f4").tobytes(),
        "raw": values.astype("<f4").tobytes(),
    }


def floats_from(raw: bytes) -> Float32Array:
    """The float32 values that a column of bytes holds."""
    return np.frombuffer(raw, "<f4").astype(np.float32, copy=False)


def cells_from(first_steps: ArrayLike, points: ArrayLike, summaries: Float32Array, width: int) -> Cells:
    """The cells, `width` steps each, of blocks that begin at `first_steps` and hold `points` values each.

    summaries: low, high and last of each cell, (3, cells).
    """
    first_steps = np.asarray(first_steps, np.int64)
    ends = first_steps + np.asarray(points, np.int64) - 1
    first_cells, last_cells = (first_steps - 1) // width, (ends - 1) // width
    counts = last_cells - first_cells + 1
    block = np.repeat(np.arange(len(counts)), counts)
    cell = np.arange(len(block)) - np.repeat(np.cumsum(counts) - counts - first_cells, counts)
    cell_ends = np.minimum((cell + 1) * width, ends[block])
    return Cells(
        ends=cell_ends,
        points=cell_ends - np.maximum(cell * width + 1, first_steps[block]) + 1,
        low=summaries[0],
        high=summaries[1],
        last=summaries[2],
    )


def _nullable(value: np.float32) -> float | None:
    return None if np.isnan(value) else float(value)
