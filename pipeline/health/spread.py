"""Checkups spread over many steps, for rules on trends, and what was recorded between them."""

from itertools import pairwise

import numpy as np

from pipeline.health.history import Float64Array, History, Steps

TREND = 10
"""Number of checkups per trend: fewer show one by chance too often."""

TREND_STEPS = 500
"""Minimum number of steps that a trend spans."""

CERTAIN = 2.33
"""Mann–Kendall score that 1 in 100 series without a trend reach; for two simultaneous, opposite trends."""

ALONE = 3.09
"""Mann–Kendall score that a single trend must reach; 1 in 1,000 series without a trend do."""


def spread_checkups(history: History, *names: str) -> tuple[Steps, Float64Array]:
    """(TREND + 1,) steps and (TREND + 1, names) values of checkups spread over the last TREND_STEPS steps or more, else
    (0,) and (0, names)."""
    steps, values = history.checkups(*names)
    if len(steps) <= TREND or history.steps[-1] - steps[0] < TREND_STEPS:
        return steps[:0], values[:0]
    count = max(TREND + 1, int((steps >= history.steps[-1] - TREND_STEPS).sum()))
    steps, values = steps[-count:], values[-count:]
    chosen = np.unique(np.linspace(0, len(steps) - 1, TREND + 1).round().astype(int))
    return steps[chosen], values[chosen]


def medians_between(history: History, name: str, steps: Steps) -> Float64Array:
    """(k − 1,) medians of a series between consecutive ones of (k,) checkups; NaN where it has no finite value."""
    values = np.asarray(history.series[name], np.float64)
    values = np.where(np.isfinite(values), values, np.nan)
    places = np.searchsorted(history.steps, steps)
    parts = [values[begin:end] for begin, end in pairwise(places)]
    return np.array([np.nanmedian(part) if np.isfinite(part).any() else np.nan for part in parts])
