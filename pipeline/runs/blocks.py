"""Blocks of metric values and their summaries over 1, 64 and 4,096 steps.

Step s belongs to cell (s - 1) // 64 and block (s - 1) // 4096, wherever a series starts. So cells, blocks
and a chart's bands (a power of two wide, `metrics.py`) never straddle each other, and summaries of summaries are exact.
Low and high ignore NaN unless all values are NaN; last is the last value, NaN or not.
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
    """Summaries of n ranges of steps, in order. `ends`: the last step of each; `points`: number of values in each."""

    ends: Steps  # (n,)
    points: Steps  # (n,)
    low: Float32Array  # (n,)
    high: Float32Array  # (n,)
    last: Float32Array  # (n,)

    def merged(self, width: int) -> "Cells":
        """Merge to one cell per `width` steps that contain any; `width` is a multiple of the cells' own width."""
        band = (self.ends - 1) // width
        starts = np.flatnonzero(np.diff(band, prepend=-1))
        if len(starts) == len(band):
            return self
        ends = np.append(starts[1:], len(band)) - 1
        return Cells(
            ends=self.ends[ends],
            points=np.add.reduceat(self.points, starts),
            # fmin and fmax ignore NaN if the other value is a number.
            low=np.fmin.reduceat(self.low, starts),
            high=np.fmax.reduceat(self.high, starts),
            last=self.last[ends],
        )

    def between(self, low: int, high: int) -> "Cells":
        """The cells that end between steps low and high, inclusive."""
        inside = slice(np.searchsorted(self.ends, low), np.searchsorted(self.ends, high, side="right"))
        return Cells(self.ends[inside], self.points[inside], self.low[inside], self.high[inside], self.last[inside])


def joined(parts: list[Cells]) -> Cells:
    """Concatenate consecutive cells; at least one part."""
    return Cells(
        ends=np.concatenate([part.ends for part in parts]),
        points=np.concatenate([part.points for part in parts]),
        low=np.concatenate([part.low for part in parts]),
        high=np.concatenate([part.high for part in parts]),
        last=np.concatenate([part.last for part in parts]),
    )


def split(first_step: int, values: Float32Array) -> Iterator[tuple[int, Float32Array]]:
    """Split values at block boundaries: (first step, values) of each piece."""
    start = 0
    while start < len(values):
        step = first_step + start
        stop = start + BLOCK - (step - 1) % BLOCK
        yield step, values[start:stop]
        start = stop


def columns_of(first_step: int, values: Float32Array) -> dict[str, object]:
    """The columns of a block's row (`schema.metric_blocks`); values must be non-empty and within one block."""
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
    """The float32 values stored in a bytes column."""
    return np.frombuffer(raw, "<f4").astype(np.float32, copy=False)


def cells_from(first_steps: ArrayLike, points: ArrayLike, summaries: Float32Array, width: int) -> Cells:
    """The cells, `width` steps each, of blocks that start at `first_steps` and hold `points` values each.

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
