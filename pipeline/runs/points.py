"""Measurements as points: the steps at which a series was measured, and the values found there.

Between two points a reader that needs a value at every step takes the latest one at or before it (`carried`). Step 0 is
the state before the first training step.
"""

from typing import NamedTuple

import numpy as np

from pipeline.runs.blocks import Cells, Float32Array, Steps, floats_from

MOST = 512
"""Maximum number of points in one block, which is written again for each point that is added to it."""


class Points(NamedTuple):
    """Measurements of one series, in order of their steps. values: NaN where the measurement gave no number."""

    steps: Steps  # (n,)
    values: Float32Array  # (n,)

    def between(self, low: int, high: int) -> "Points":
        """The points at steps low to high, inclusive."""
        return self.part(*np.searchsorted(self.steps, [low, high + 1]).tolist())

    def since(self, first: int, *, held: bool) -> "Points":
        """The points from step `first` on. held: with the latest one before it."""
        start = int(np.searchsorted(self.steps, first))
        return self.part(max(0, start - 1) if held else start, len(self.steps))

    def part(self, start: int, stop: int) -> "Points":
        """The points from place `start` up to, but without, place `stop`."""
        return Points(self.steps[start:stop], self.values[start:stop])

    def merged(self, width: int) -> Cells:
        """Summaries of the bands, `width` steps each, that contain a point; each ends at its last point."""
        # One band later, because step 0 is before the first one.
        cells = Cells(self.steps + width, np.ones_like(self.steps), self.values, self.values, self.values)
        cells = cells.merged(width)
        return Cells(cells.ends - width, cells.points, cells.low, cells.high, cells.last)


def joined(parts: list[Points]) -> Points:
    """Concatenate consecutive points."""
    return Points(
        np.concatenate([np.empty(0, np.int64), *(part.steps for part in parts)]),
        np.concatenate([np.empty(0, np.float32), *(part.values for part in parts)]),
    )


def carried(points: Points, first_steps: Steps, last_steps: Steps) -> tuple[Float32Array, Float32Array, Float32Array]:
    """The last, lowest and highest carried value in n ranges of steps, each (n,); NaN before the first point.

    first_steps, last_steps: (n,), inclusive. The lowest and the highest include the value carried into the range.
    """
    stops = np.searchsorted(points.steps, last_steps, side="right")
    starts = np.maximum(np.searchsorted(points.steps, first_steps, side="right") - 1, 0)
    known = stops > 0
    values = np.append(points.values, np.float32(np.nan))
    last = np.where(known, values[stops - 1], np.float32(np.nan))
    low, high = np.full(len(stops), np.nan, np.float32), np.full(len(stops), np.nan, np.float32)
    if known.any():
        # `reduceat` takes pairs of a start and a stop; the results of the ranges in between are dropped.
        pairs = np.stack([starts[known], stops[known]], axis=1).ravel()
        low[known] = np.fmin.reduceat(values, pairs)[::2]
        high[known] = np.fmax.reduceat(values, pairs)[::2]
    return last, low, high


def columns_of(points: Points) -> dict[str, object]:
    """The columns of a block's row (`schema.measurement_blocks`) without its series; points must not be empty."""
    return {
        "first_step": int(points.steps[0]),
        "last_step": int(points.steps[-1]),
        "steps": points.steps.astype("<i8").tobytes(),
        "raw": points.values.astype("<f4").tobytes(),
    }


def points_from(steps: bytes, raw: bytes) -> Points:
    """The points stored in a block's row."""
    return Points(np.frombuffer(steps, "<i8").astype(np.int64, copy=False), floats_from(raw))
