"""The sliced Wasserstein distance between features: optimal transport along many random lines.

    3 D · mean over unit vectors θ of W₂²(θ·X, θ·Y)

Along a line, the optimal transport matches sorted values, so that nothing has to be fitted or inverted. Berthet et al.
2026 (arXiv 2605.06797), with their factor 3 D, who take features of an Inception network. They draw as many images of
both sets; here, sets of different sizes are matched exactly, at all quantiles of both.
"""

import numpy as np
from numpy.typing import NDArray

from pipeline.metrics.intervals import around, error_by_resampling
from pipeline.metrics.neighbours import AT_ONCE
from pipeline.metrics.required import require_images
from pipeline.metrics.signature import Measured, Metric, Sets
from pipeline.why import Why

DIRECTIONS = 1000
RESAMPLED = 100
"""Directions of the bootstrap: its error comes from the images, which all directions share."""


def directions(dimensions: int, count: int, seed: int) -> NDArray[np.float64]:
    """Random unit vectors (count, dimensions), uniform on the sphere."""
    drawn = np.random.default_rng([seed, 3]).standard_normal((count, dimensions))
    lengths: NDArray[np.float64] = np.linalg.norm(drawn, axis=1, keepdims=True)
    return drawn / lengths


def transport_costs(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """W₂² (S,) between the values of each row of one (S, N) and other (S, M), all of which count the same."""
    n, m = one.shape[1], other.shape[1]
    # The quantile functions of both are constant between these multiples of 1 / (n m).
    ends = np.union1d(np.arange(1, n + 1) * m, np.arange(1, m + 1) * n)
    starts = np.concatenate([[0], ends[:-1]])
    one, other = np.sort(one, axis=1), np.sort(other, axis=1)
    differences = one[:, starts // m] - other[:, starts // n]
    costs: NDArray[np.float64] = differences**2 @ ((ends - starts) / (n * m))
    return costs


def sliced_distance(one: NDArray[np.float32], other: NDArray[np.float32], lines: NDArray[np.float64]) -> float:
    """The distance of features (N, D) from features (M, D) along unit vectors (S, D)."""
    step = max(1, AT_ONCE // (len(one) + len(other)))
    parts = [lines[start : start + step] for start in range(0, len(lines), step)]
    costs = [transport_costs(part @ one.T, part @ other.T) for part in parts]
    return float(3 * one.shape[1] * np.concatenate(costs).mean())


def measure(sets: Sets) -> Measured:
    """The distance of generated from held-out images. Raises Unmeasurable."""
    require_images(sets, 2, 2)
    one, other = sets.generated.features, sets.held_out.features
    lines = directions(one.shape[1], DIRECTIONS, sets.seed)
    value = sliced_distance(one, other, lines)
    few = lines[:RESAMPLED]
    left, right = few @ one.T, few @ other.T
    error = (
        3
        * one.shape[1]
        * error_by_resampling(
            lambda i, j: float(transport_costs(left[:, i], right[:, j]).mean()), len(one), len(other), seed=sets.seed
        )
    )
    return Measured(value, len(one), len(other), *around(value, error))


SLICED_DISTANCE = Metric(
    name="sliced_distance",
    title="Sliced Wasserstein distance",
    unit="squared distance of features",
    definition=r"$3D\,\mathbb{E}_\theta W_2^2(\theta\cdot X,\theta\cdot Y)$ over 1,000 random unit vectors θ: along "
    "each, sorted features of generated and held-out images are matched.",
    good_for="Small changes of quality with few images: it sees a slight blur far above its floor.",
    bad_for="It does not see copies of training images, and does not say whether quality or variety is at fault.",
    why=Why(
        "It compares whole distributions without fitting a normal distribution, so that a thousand images are enough. "
        "Its floor is small against the differences that matter.",
        "Berthet et al. 2026",
        "https://arxiv.org/abs/2605.06797",
    ),
    cost="grows with n log n; seconds for 50,000 images",
    better="lower",
    needs=frozenset({"features"}),
    measure=measure,
)
