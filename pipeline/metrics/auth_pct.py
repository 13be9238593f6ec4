"""AuthPct: the share of generated images that are no copies of training images.

A generated image is authentic if it is farther from its nearest training image than that one is from any other training
image. Alaa et al. 2022 (arXiv 2102.08921); the name is that of Stein et al. 2023 (arXiv 2306.04675).
"""

import numpy as np
from numpy.typing import NDArray

from pipeline.metrics.intervals import of_share
from pipeline.metrics.neighbours import Rows, blocks, nearest
from pipeline.metrics.signature import Measured, Metric, Sets, Unmeasurable
from pipeline.why import Why


def authentic(generated: Rows, training: Rows) -> NDArray[np.bool_]:
    """Whether each of the generated images (N,) is authentic with respect to the training images (M, D), M > 1."""
    return authentic_beside(*nearest(generated, training), training)


def authentic_beside(closest: NDArray[np.int64], distances: NDArray[np.float64], training: Rows) -> NDArray[np.bool_]:
    """`authentic` for images (N,) whose nearest training images and squared distances from them are known."""
    # Only training images that are nearest to a generated one need their own nearest neighbour.
    asked, places = np.unique(closest, return_inverse=True)
    spacing = np.empty(len(asked))
    for part, found in blocks(training[asked], training):
        found[np.arange(len(found)), asked[part]] = np.inf
        spacing[part] = found.min(1)
    return distances > spacing[places]


def measure(sets: Sets) -> Measured:
    """The share of authentic images. Raises Unmeasurable."""
    if not len(sets.generated) or len(sets.training) < 2:
        raise Unmeasurable("This needs a generated image and two training images at least.")
    hits = authentic(sets.generated.features, sets.training.features)
    return Measured(float(hits.mean()), len(hits), len(sets.training), *of_share(hits))


AUTH_PCT = Metric(
    name="auth_pct",
    title="AuthPct (no copies)",
    unit="share of generated images",
    definition="Share of generated images that are farther from their nearest training image than this one is from its "
    "own nearest training image; the floor is that of held-out images.",
    good_for="Memorised training images: a value below that of held-out images means copies.",
    bad_for="Bad images are far from every training image, so that noise has 1; look at the other metrics first.",
    why=Why(
        "Copies of training images look real to every distance. This share and the nearest neighbours show them.",
        "Alaa et al. 2022",
        "https://arxiv.org/abs/2102.08921",
    ),
    cost="grows with n times the number of training images",
    better="real",
    needs=frozenset({"features", "trained"}),
    measure=measure,
    floor="held out",
    percent=True,
)
