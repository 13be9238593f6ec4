"""Clipped coverage: the share of good images that the coverage of the real ones amounts to.

Of each real image, the number of generated images that are closer than its fifth nearest real neighbour, clipped at
five and divided by five; the mean is then read as the share of good images that would be expected to have it.

Of m images from the distribution of the real ones, the number within the ball of a real image that holds k of N − 1
others is beta-binomial with parameters m, k and N − k, whatever the distribution. So f(m) = E[min(count, k)] / k is
known, and its inverse gives m. Salvy et al. 2025 (arXiv 2507.01761). Their program returns the first m at which f is
reached, divided by M + 1 for M generated images; here f is interpolated and m divided by M, which differs by 1 / M at
most.
"""

import numpy as np
from numpy.typing import NDArray

from pipeline.metrics.density import K
from pipeline.metrics.intervals import NORMAL, error_of_mean
from pipeline.metrics.neighbours import Rows, blocks, squared_radii
from pipeline.metrics.required import require_images
from pipeline.metrics.signature import Measured, Metric, Sets
from pipeline.why import Why


def clipped_counts(centres: Rows, points: Rows, k: int = K) -> NDArray[np.float64]:
    """Of each centre (N,), N > k: how many points (M, D) are closer than its k-th nearest other centre, clipped at k
    and divided by k."""
    radii = squared_radii(centres, k)
    counts = np.empty(len(centres))
    for part, distances in blocks(centres, points):
        counts[part] = (distances < radii[part, None]).sum(1)
    return np.minimum(counts, k) / k


def expected(points: int, centres: int, k: int = K) -> NDArray[np.float64]:
    """f(m) for m = 0, 1, …, points (points + 1,): the mean of clipped counts of m points from the distribution of the
    centres."""
    from scipy.special import betaln, gammaln

    m = np.arange(points + 1)[:, None]
    j = np.arange(k)[None]
    with np.errstate(invalid="ignore"):
        chances = np.exp(
            gammaln(m + 1) - gammaln(j + 1) - gammaln(np.maximum(m - j, 0) + 1)
            + betaln(j + k, np.maximum(m - j, 0) + centres - k) - betaln(k, centres - k)
        )  # fmt: skip
    missing = (np.where(j <= m, chances, 0) * (k - j)).sum(1)
    rising: NDArray[np.float64] = np.maximum.accumulate(1 - missing / k)
    return rising


def measure(sets: Sets) -> Measured:
    """The calibrated mean over held-out images. Raises Unmeasurable."""
    require_images(sets, 1, K + 2)
    values = clipped_counts(sets.held_out.features, sets.generated.features)
    count = len(sets.generated)
    means = values.mean() + error_of_mean(values) * NORMAL * np.array([0, -1, 1])
    value, low, high = np.interp(means, expected(count, len(values)), np.arange(count + 1) / count)
    return Measured(float(value), count, len(values), float(low), float(high))


CLIPPED_COVERAGE = Metric(
    name="clipped_coverage",
    title="Clipped coverage",
    unit="equivalent share of good images",
    definition="Mean over held-out images of the number of generated images closer than the fifth nearest held-out "
    "neighbour, clipped at five; calibrated to the share of good images of which as many are expected.",
    good_for="Variety, as a share that means something: it falls in proportion to what is missing.",
    bad_for="A bad share and a missing share look the same: read it with clipped density.",
    why=Why(
        "Coverage is 1 long before a model draws everything as often as it should. Counting up to five neighbours, "
        "and asking how many real images would have had as many, makes it a share.",
        "Salvy et al. 2025",
        "https://arxiv.org/abs/2507.01761",
    ),
    cost="grows with the square of n",
    better="higher",
    needs=frozenset({"features"}),
    measure=measure,
    percent=True,
)
