"""Clipped density: the share of good images that the density of the generated ones amounts to.

Density with two bounds, and scaled. Radii of balls are at most their median, so that outliers among the real images
have no wide balls; an image in more balls than five counts as one in five; and the mean is divided by that of the real
images, each left out of its own ball. Salvy et al. 2025 (arXiv 2507.01761).
"""

import numpy as np
from numpy.typing import NDArray

from pipeline.metrics.density import K
from pipeline.metrics.intervals import around, error_of_mean
from pipeline.metrics.neighbours import Rows, among_themselves, blocks, squared_radii
from pipeline.metrics.required import require_images
from pipeline.metrics.signature import Measured, Metric, Sets
from pipeline.why import Why


def clipped_densities(points: Rows, centres: Rows, k: int = K) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Clipped contributions, in [0, 1], of points (N,) and of the centres (M,) themselves, M > k."""
    radii = squared_radii(centres, k)
    radii = np.minimum(radii, np.median(radii))
    counts = np.concatenate([(distances <= radii).sum(1) for _, distances in blocks(points, centres)])
    own = np.concatenate([(distances <= radii).sum(1) for _, distances in among_themselves(centres)])
    return np.minimum(counts / k, 1), np.minimum(own / k, 1)


def measure(sets: Sets) -> Measured:
    """The mean over generated images divided by that over held-out ones, at most 1. Raises Unmeasurable."""
    require_images(sets, 1, K + 1)
    values, own = clipped_densities(sets.generated.features, sets.held_out.features)
    scale = float(own.mean())  # above 0: half of the balls keep their radius, and so their neighbours
    value, error = float(values.mean()) / scale, error_of_mean(values) / scale
    low, high = around(value, error, most=1.0)
    return Measured(min(1.0, value), len(values), len(own), min(1.0, low), high)


CLIPPED_DENSITY = Metric(
    name="clipped_density",
    title="Clipped density",
    unit="equivalent share of good images",
    definition="Density with radii clipped at their median and contributions clipped at 1, divided by the same mean of "
    "the held-out images, each left out of its own ball.",
    good_for="Quality, as a share that means something: it falls in proportion to the share of bad images.",
    bad_for="It says nothing of variety, and copies of training images are good images.",
    why=Why(
        "Precision and density rise when there are outliers among the real images, and their ends have no meaning. "
        "Clipped and scaled, 0.7 stands for 70 % good images.",
        "Salvy et al. 2025",
        "https://arxiv.org/abs/2507.01761",
    ),
    cost="grows with the square of n",
    better="higher",
    needs=frozenset({"features"}),
    measure=measure,
    percent=True,
)
