"""Whether a short, noisy series rises, falls or swings: measures that a single odd value cannot sway."""

from typing import NamedTuple

import numpy as np

from pipeline.health.history import Float64Array


def mann_kendall(values: Float64Array) -> float:
    """How surely (n,) values rise, as a standard normal score: above 2.33 in one of a hundred series without a trend.

    Mann 1945, Kendall 1975: S = Σ_{i<j} sign(v_j − v_i), its variance n(n−1)(2n+5)/18 less what ties take from it, and
    Z = (S − sign(S)) / √variance. Negative where they fall; 0 where all are the same or there are fewer than three.
    """
    n = len(values)
    later, earlier = np.tril_indices(n, -1)
    s = float(np.sign(values[later] - values[earlier]).sum())
    ties = np.unique(values, return_counts=True)[1].astype(np.float64)
    variance = (n * (n - 1) * (2 * n + 5) - float((ties * (ties - 1) * (2 * ties + 5)).sum())) / 18
    return (s - float(np.sign(s))) / variance**0.5 if n > 2 and variance > 0 else 0.0


def theil_sen(values: Float64Array) -> tuple[float, float]:
    """The line through (n,) values, n > 1, by its first and its last point: robust against a quarter of odd values.

    Theil 1950, Sen 1968: its slope is the median of the slopes between all pairs, and it goes through the medians.
    """
    n = len(values)
    later, earlier = np.tril_indices(n, -1)
    half = float(np.median((values[later] - values[earlier]) / (later - earlier))) * (n - 1) / 2
    middle = float(np.median(values))
    return middle - half, middle + half


class Swing(NamedTuple):
    """A periodic series. period: in values. strength: its autocorrelation at that period, up to 1."""

    period: int
    strength: float


def swing(values: Float64Array, longest: int) -> Swing | None:
    """The period of (n,) values, at most `longest`, or None where they do not come round.

    The autocorrelation r(k) = Σ u_t u_{t+k} / Σ u_t² of what the straight line through them leaves, u, falls below 0
    within half a period and is highest again after a whole one. A random walk falls and does not come back.
    """
    times = np.arange(len(values)) - (len(values) - 1) / 2
    left = values - values.mean()
    left = left - times * (left @ times) / (times @ times)
    power = left @ left
    if not np.isfinite(power) or power <= 0:
        return None
    correlation = np.array([left[k:] @ left[: len(left) - k] for k in range(longest + 1)]) / power
    below = np.flatnonzero(correlation < 0)
    if not len(below):
        return None
    period = int(below[0] + np.argmax(correlation[below[0] :]))
    return Swing(period, float(correlation[period]))
