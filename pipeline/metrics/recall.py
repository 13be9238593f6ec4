"""Recall: the share of real images that lie where generated images are.

Precision with the sets exchanged. Kynkäänniemi et al. 2019 (arXiv 1904.06991).
"""

from pipeline.metrics.intervals import of_share
from pipeline.metrics.precision import K, inside
from pipeline.metrics.required import require_images
from pipeline.metrics.signature import Measured, Metric, Sets
from pipeline.why import Why


def measure(sets: Sets) -> Measured:
    """The share of held-out images in balls around generated ones. Raises Unmeasurable."""
    require_images(sets, K + 1, 1)
    hits = inside(sets.held_out.features, sets.generated.features)
    return Measured(float(hits.mean()), len(sets.generated), len(hits), *of_share(hits))


RECALL = Metric(
    name="recall",
    title="Recall",
    unit="share of held-out images",
    definition="Share of held-out images within the ball of a generated image, whose radius is the distance to its "
    "third nearest generated neighbour.",
    good_for="Missing classes and kinds of images: mode collapse.",
    bad_for="Scattered bad images have wide balls, which can make recall high; it grows with the number of images.",
    why=Why(
        "A model that draws one perfect image has full precision, and only recall shows what it leaves out. "
        "Images from a narrower part of the noise trade recall for precision.",
        "Kynkäänniemi et al. 2019",
        "https://arxiv.org/abs/1904.06991",
    ),
    cost="grows with the square of n",
    better="higher",
    needs=frozenset({"features"}),
    measure=measure,
    percent=True,
)
