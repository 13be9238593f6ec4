"""Precision: the share of generated images that lie where real images are.

Real images fill the union of balls around them, each as wide as the distance to its third nearest real neighbour.
Kynkäänniemi et al. 2019 (arXiv 1904.06991).
"""

import numpy as np
from numpy.typing import NDArray

from pipeline.metrics.intervals import of_share
from pipeline.metrics.neighbours import Rows, blocks, squared_radii
from pipeline.metrics.required import require_images
from pipeline.metrics.signature import Measured, Metric, Sets
from pipeline.why import Why

K = 3


def inside(points: Rows, centres: Rows, k: int = K) -> NDArray[np.bool_]:
    """Whether each point (N,) lies within the ball of any of the centres (M, D), M > k: as wide as the distance to its
    k-th nearest other centre, the border included."""
    radii = squared_radii(centres, k)
    return np.concatenate([(distances <= radii).any(1) for _, distances in blocks(points, centres)])


def measure(sets: Sets) -> Measured:
    """The share of generated images in balls around held-out ones. Raises Unmeasurable."""
    require_images(sets, 1, K + 1)
    hits = inside(sets.generated.features, sets.held_out.features)
    return Measured(float(hits.mean()), len(hits), len(sets.held_out), *of_share(hits))


PRECISION = Metric(
    name="precision",
    title="Precision",
    unit="share of generated images",
    definition="Share of generated images within the ball of a held-out image, whose radius is the distance to its "
    "third nearest held-out neighbour.",
    good_for="Whether single images look real, apart from how varied they are.",
    bad_for="One outlier among the real images has a ball that swallows bad images; copies of one good image have 1.",
    why=Why(
        "A distance mixes quality and variety in one number; precision is about quality alone. Read it with recall.",
        "Kynkäänniemi et al. 2019",
        "https://arxiv.org/abs/1904.06991",
    ),
    cost="grows with the square of n",
    better="higher",
    needs=frozenset({"features"}),
    measure=measure,
    percent=True,
)
