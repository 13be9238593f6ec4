"""The exact Wasserstein distance between features: the mean length of the best one-to-one matching.

Uniform weights, Euclidean distance, as many generated as held-out images; the assignment problem is solved exactly by
scipy's `linear_sum_assignment` (Crouse 2016, doi 10.1109/TAES.2016.140952).
"""

import numpy as np
from numpy.typing import NDArray

from pipeline.metrics.intervals import Interval, around, error_by_resampling
from pipeline.metrics.neighbours import Rows, squared_distances
from pipeline.metrics.required import require_images
from pipeline.metrics.signature import Measured, Metric, Sets
from pipeline.why import Why

MOST = 2000
"""Images of each set that are matched at most: the time grows with the cube of their number."""
RESAMPLED = 250
"""Images of each set in a resample of the bootstrap; its error is scaled to all of them."""


def matching_cost(costs: NDArray[np.float64]) -> float:
    """The mean cost of the best matching, of costs (N, N)."""
    from scipy.optimize import linear_sum_assignment

    return float(costs[linear_sum_assignment(costs)].mean())


def match(one: Rows, other: Rows, most: int, seed: int) -> tuple[float, Interval, int]:
    """The distance, its interval and the number of images of each kind that were matched.

    As many of the rows (N, D) and (M, D) as both have, but at most `most`, drawn at random, so that the order of the
    images does not matter.
    """
    random, count = np.random.default_rng([seed, 6]), min(len(one), len(other), most)
    left, right = (each[np.sort(random.permutation(len(each))[:count])] for each in (one, other))
    costs = np.sqrt(squared_distances(left, right))
    value = matching_cost(costs)
    error = error_by_resampling(
        lambda i, j: matching_cost(costs[np.ix_(i, j)]), count, count, seed=seed, most=RESAMPLED
    )
    return value, around(value, error), count


def measure(sets: Sets) -> Measured:
    """The distance of generated from held-out images. Raises Unmeasurable."""
    require_images(sets, 2, 2)
    value, interval, count = match(sets.generated.features, sets.held_out.features, MOST, sets.seed)
    return Measured(value, count, count, *interval)


WASSERSTEIN_DISTANCE = Metric(
    name="wasserstein_distance",
    title="Wasserstein distance",
    unit="distance of features",
    definition=r"$\min_\pi\frac1n\sum_i\|x_i-y_{\pi(i)}\|$ over all one-to-one matchings of features of as many "
    "generated as held-out images, 2,000 at most.",
    good_for="A distance with a plain meaning: how far features have to move to become real ones, on average.",
    bad_for="In many dimensions its floor is high, and what matters is a small part of it.",
    why=Why(
        "It is exact, with no fitted distribution, no kernel and no random lines. That it falls slowly with n in many "
        "dimensions is why the sliced distance stands first.",
        "Peyré & Cuturi 2019",
        "https://arxiv.org/abs/1803.00567",
    ),
    cost="grows with the cube of n, up to 2,000 images",
    better="lower",
    needs=frozenset({"features"}),
    measure=measure,
)
