"""The generated images that went wrong, and the most ordinary ones: by their classes, and by their distance from real
images.

An image is typical if real images lie near it: its distance, between features, from the K-th nearest held-out image is
small. The K-th, because a single real image may be an outlier itself. No class claims an image if the highest of its
class probabilities is below UNCLAIMED.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from pipeline.errors.evaluation import NothingToShow
from pipeline.metrics.neighbours import blocks, squared_radii
from pipeline.metrics.precision import K
from pipeline.metrics.signature import Images, Sets

UNCLAIMED = 0.5
NO_CLASSES = "The network of the features tells no classes of these images apart: choose digits or own as features."
Which = Literal["unclaimed", "least typical", "most typical"]


@dataclass(frozen=True, eq=False)
class Failures:
    """What is known of each of N generated images.

    distances: (N,) float64, from the K-th nearest held-out image. usual: the median of the same distance for held-out
    images. likeliest: (N,) int64, the class of the highest probability; certainty: (N,) float32, that probability;
    both None without classes. unclaimed: share of generated images that no class claims; unclaimed_held_out: the same
    share of held-out images. pictured: how many of the images, the first ones, can be shown.
    """

    distances: NDArray[np.float64]
    usual: float
    likeliest: NDArray[np.int64] | None
    certainty: NDArray[np.float32] | None
    unclaimed: float | None
    unclaimed_held_out: float | None
    pictured: int

    def ordered(self, which: Which) -> NDArray[np.int64]:
        """Places of the images that can be shown: the least certain, least typical or most typical first.

        Raises NothingToShow for unclaimed images without classes.
        """
        distances = self.distances[: self.pictured]
        if which != "unclaimed":
            return np.argsort(distances if which == "most typical" else -distances, kind="stable")
        if self.certainty is None:
            raise NothingToShow(NO_CLASSES)
        certainty = self.certainty[: self.pictured]
        order = np.argsort(certainty, kind="stable")
        return order[certainty[order] < UNCLAIMED]


def failures(sets: Sets) -> Failures:
    """Measure each generated image. Raises NothingToShow if there are too few held-out images."""
    generated, held_out = sets.generated, sets.held_out
    if len(held_out) <= K or not len(generated):
        raise NothingToShow(f"Typical images can be told from others only beside {K + 1} held-out images at least.")
    squared = [
        np.partition(found, K - 1, axis=1)[:, K - 1] for _, found in blocks(generated.features, held_out.features)
    ]
    known = generated.probabilities
    return Failures(
        distances=np.sqrt(np.concatenate(squared)),
        usual=float(np.sqrt(np.median(squared_radii(held_out.features, K)))),
        likeliest=None if known is None else known.argmax(1),
        certainty=None if known is None else known.max(1),
        unclaimed=_unclaimed(generated),
        unclaimed_held_out=_unclaimed(held_out),
        pictured=0 if generated.pixels is None else len(generated.pixels),
    )


def _unclaimed(images: Images) -> float | None:
    """Share of images that no class claims; None without classes."""
    return None if images.probabilities is None else float((images.probabilities.max(1) < UNCLAIMED).mean())
