"""Robust tests of whether a short, noisy series rises, falls or oscillates."""

from typing import NamedTuple

import numpy as np

from pipeline.health.history import Float64Array


def mann_kendall(values: Float64Array) -> float:
    """The Mann–Kendall score of a rise of (n,) values, standard normal: above 2.33 in 1 of 100 series without a trend.

    Mann 1945, Kendall 1975: S = Σ_{i<j} sign(v_j − v_i), its variance n(n−1)(2n+5)/18 minus a correction for ties, and
    Z = (S − sign(S)) / √variance. Negative if they fall; 0 if all are equal or there are fewer than three.
    """
    n = len(values)
    later, earlier = np.tril_indices(n, -1)
    s = float(np.sign(values[later] - values[earlier]).sum())
    ties = np.unique(values, return_counts=True)[1].astype(np.float64)
    variance = (n * (n - 1) * (2 * n + 5) - float((ties * (ties - 1) * (2 * ties + 5)).sum())) / 18
    return (s - float(np.sign(s))) / variance**0.5 if n > 2 and variance > 0 else 0.0


def theil_sen(values: Float64Array) -> tuple[float, float]:
    """The first and last point of a line fitted to (n,) values, n > 1; robust against a quarter of outliers.

    Theil 1950, Sen 1968: its slope is the median of the slopes of all pairs, and it passes through the medians.
    """
    n = len(values)
    later, earlier = np.tril_indices(n, -1)
    half = float(np.median((values[later] - values[earlier]) / (later - earlier))) * (n - 1) / 2
    middle = float(np.median(values))
    return middle - half, middle + half


class Periodicity(NamedTuple):
    """The period of a series, in values, and its strength: the autocorrelation at that period, up to 1."""

    period: int
    strength: float


def periodicity(values: Float64Array, longest: int) -> Periodicity | None:
    """The period of (n,) values, at most `longest`, or None if they are not periodic.

    The autocorrelation r(k) = Σ u_t u_{t+k} / Σ u_t² of the linearly detrended values u falls below 0 within half a
    period and has its next maximum after a whole one. That of a random walk falls and does not rise again.
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
    return Periodicity(period, float(correlation[period]))
