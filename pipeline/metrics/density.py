"""Density: how many real neighbourhoods a generated image lies in, on average, as a multiple of what is expected.

The neighbourhood of a real image is a ball as wide as the distance to its fifth nearest real neighbour. Naeem et al.
2020 (arXiv 2002.09797).
"""

import numpy as np
from numpy.typing import NDArray

from pipeline.metrics.intervals import around, error_of_mean
from pipeline.metrics.neighbours import Rows, blocks, squared_radii
from pipeline.metrics.required import require_images
from pipeline.metrics.signature import Measured, Metric, Sets
from pipeline.why import Why

K = 5


def neighbourhoods(points: Rows, centres: Rows, k: int = K) -> NDArray[np.float64]:
    """The number of balls around centres (M, D), M > k, that each point (N,) lies in, divided by k."""
    radii = squared_radii(centres, k)
    return np.concatenate([(distances < radii).sum(1) for _, distances in blocks(points, centres)]) / k


def measure(sets: Sets) -> Measured:
    """The mean over generated images. Raises Unmeasurable."""
    require_images(sets, 1, K + 1)
    values = neighbourhoods(sets.generated.features, sets.held_out.features)
    value = float(values.mean())
    return Measured(value, len(values), len(sets.held_out), *around(value, error_of_mean(values)))


DENSITY = Metric(
    name="density",
    title="Density",
    unit="neighbourhoods, 1 for real images",
    definition="Mean number of held-out images whose ball, as wide as the distance to the fifth nearest held-out "
    "neighbour, holds a generated image, divided by five.",
    good_for="Quality: less moved by single outliers among the real images than precision.",
    bad_for="It has no upper end: images crowded where real ones are dense have more than 1, which is not better.",
    why=Why(
        "Precision asks whether one ball holds an image; density counts all of them. So one wide ball decides less.",
        "Naeem et al. 2020",
        "https://arxiv.org/abs/2002.09797",
    ),
    cost="grows with the square of n",
    better="real",
    needs=frozenset({"features"}),
    measure=measure,
)
