"""Coverage: the share of real images that have a generated image in their neighbourhood.

Naeem et al. 2020 (arXiv 2002.09797): balls around real images, as for density, so that bad generated images add
nothing.
"""

import numpy as np
from numpy.typing import NDArray

from pipeline.metrics.density import K
from pipeline.metrics.intervals import of_share
from pipeline.metrics.neighbours import Rows, nearest, squared_radii
from pipeline.metrics.required import require_images
from pipeline.metrics.signature import Measured, Metric, Sets
from pipeline.why import Why


def covered(centres: Rows, points: Rows, k: int = K) -> NDArray[np.bool_]:
    """Whether each centre (M,), M > k, is closer to one of the points (N, D) than to its k-th nearest other centre."""
    return nearest(centres, points)[1] < squared_radii(centres, k)


def measure(sets: Sets) -> Measured:
    """The share of held-out images that are covered. Raises Unmeasurable."""
    require_images(sets, 1, K + 1)
    hits = covered(sets.held_out.features, sets.generated.features)
    return Measured(float(hits.mean()), len(sets.generated), len(hits), *of_share(hits))


COVERAGE = Metric(
    name="coverage",
    title="Coverage",
    unit="share of held-out images",
    definition="Share of held-out images that are closer to a generated image than to their fifth nearest held-out "
    "neighbour.",
    good_for="Missing kinds of images, without being deceived by scattered bad images as recall is.",
    bad_for="It depends on n: values of different numbers of images cannot be compared.",
    why=Why(
        "Recall measures with balls around generated images, which bad images make wide. Coverage measures with balls "
        "around real images, which stay the same for every model.",
        "Naeem et al. 2020",
        "https://arxiv.org/abs/2002.09797",
    ),
    cost="grows with the square of n",
    better="higher",
    needs=frozenset({"features"}),
    measure=measure,
    percent=True,
)
