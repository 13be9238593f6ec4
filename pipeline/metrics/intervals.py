"""95 % intervals of metrics: of shares, of means, of functions of many images.

An interval says how much a value would change if other images were drawn from the same two distributions. It knows
nothing of a bias: a distance between few images is too large, which only its floor shows. Sets resampled with
replacement hold copies, whose distance from the real images is larger still; so only the spread of resampled values is
used, around the value itself, never their quantiles.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.metrics.signature import Unmeasurable

NORMAL = 1.959964
"""The 97.5 % quantile of the normal distribution."""
RESAMPLES = 100


class Interval(NamedTuple):
    """The ends of a 95 % interval."""

    low: float
    high: float


def around(value: float, error: float, least: float = 0.0, most: float = np.inf) -> Interval:
    """value ± 1.96 standard errors, within what the metric can be."""
    return Interval(max(least, value - NORMAL * error), min(most, value + NORMAL * error))


def of_share(hits: NDArray[np.bool_]) -> Interval:
    """Of the share of true values among N independent ones. Wilson 1927: not empty for shares of 0 and 1 either."""
    count, share, z2 = len(hits), float(hits.mean()), NORMAL**2
    centre = (share + z2 / (2 * count)) / (1 + z2 / count)
    half = NORMAL / (1 + z2 / count) * np.sqrt(share * (1 - share) / count + z2 / (4 * count**2))
    # At shares of 0 and 1 an end is the share itself, but for rounding.
    return Interval(max(0.0, min(share, float(centre - half))), min(1.0, max(share, float(centre + half))))


def error_of_mean(values: NDArray[np.float64]) -> float:
    """Standard error of the mean of N independent values, which is that of its bootstrap."""
    return float(values.std() / np.sqrt(len(values)))


def error_of_function(*influences: NDArray[np.float64]) -> float:
    """Standard error of a function of independent sets of images. influences: for each set, the derivative of the value
    by the weight of each of its N images, up to a constant.

    The infinitesimal jackknife, the closed form of a bootstrap for smooth functions (Efron 1981, doi 10.2307/3314608).
    """
    return float(np.sqrt(sum(float(each.var()) / len(each) for each in influences)))


def error_by_resampling(measure: Callable[..., float], *counts: int, seed: int, most: int | None = None) -> float:
    """Standard error of `measure` by bootstrap (Efron 1979).

    measure: gets, for each set of `counts` images, the places of its images in one resample. most: at most so many
    places are drawn of each set, and the error is scaled to all (Bickel et al. 1997, the bootstrap of m out of n); for
    sets of equal counts. Raises Unmeasurable if a value is not finite.
    """
    random, sizes = np.random.default_rng([seed, 2]), [min(count, most or count) for count in counts]
    values = [
        measure(*(random.integers(count, size=size) for count, size in zip(counts, sizes, strict=True)))
        for _ in range(RESAMPLES)
    ]
    if not np.isfinite(values).all():
        raise Unmeasurable("The error of this value cannot be estimated from so few images: draw more.")
    return float(np.std(values, ddof=1) * np.sqrt(sizes[0] / counts[0]))
