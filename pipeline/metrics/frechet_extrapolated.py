"""The Fréchet distance of infinitely many images, by extrapolation.

The distance of n images is too large by about c / n; a straight line through the distances of fewer and fewer images,
over 1 / n, gives its value at 0. Chong & Forsyth 2020 (arXiv 1911.07023). They vary the number of generated images
against all real ones; here, with few held-out images, both sets shrink together.
"""

import numpy as np
from numpy.typing import NDArray

from pipeline.metrics.frechet_distance import squared_distance
from pipeline.metrics.intervals import around, error_by_resampling
from pipeline.metrics.neighbours import Rows
from pipeline.metrics.required import require_images
from pipeline.metrics.signature import Measured, Metric, Sets, Unmeasurable
from pipeline.why import Why

PER_DIMENSION = 5
POINTS = 8
"""Numbers of images from half to all, evenly spaced in 1 / n."""


def extrapolated(one: Rows, other: Rows, random: np.random.Generator, points: int = POINTS) -> float:
    """The value at 1 / n = 0 of a line through the distances of n of the rows (N, D) from n of the others (M, D)."""
    most = min(len(one), len(other))
    inverse = np.linspace(1 / most, 2 / most, points)
    found = []
    for n in np.round(1 / inverse).astype(int):
        # Disjoint parts: half of the images are drawn twice, which steadies the end that is far from the intercept.
        left, right = random.permutation(len(one)), random.permutation(len(other))
        starts = range(0, most - n + 1, n)
        found.append(np.mean([squared_distance(one[left[s : s + n]], other[right[s : s + n]]) for s in starts]))
    return float(np.polyfit(inverse, found, 1)[1])


def measure(sets: Sets) -> Measured:
    """The extrapolated d² of generated from held-out images. Raises Unmeasurable."""
    require_images(sets, 4, 4)
    one, other = sets.generated.features, sets.held_out.features
    least, most = PER_DIMENSION * one.shape[1], min(len(one), len(other))
    if most < least:
        raise Unmeasurable(
            f"Extrapolating needs five images a dimension of the features, here {least:,} generated and held-out ones; "
            f"there are {most:,}. Draw or hold out more, or choose features of fewer dimensions."
        )
    value = extrapolated(one, other, np.random.default_rng([sets.seed, 4]))

    def resampled(i: NDArray[np.int64], j: NDArray[np.int64]) -> float:
        return extrapolated(one[i], other[j], np.random.default_rng([sets.seed, 4]), 2)

    error = error_by_resampling(resampled, len(one), len(other), seed=sets.seed)
    return Measured(value, most, most, *around(value, error, least=-np.inf))


FRECHET_EXTRAPOLATED = Metric(
    name="frechet_extrapolated",
    title="Fréchet distance, extrapolated",
    unit="squared distance of features",
    definition="The Fréchet distance of half to all of the images, as a line over 1/n, read at 1/n = 0.",
    good_for="Comparing sets of different numbers of images: its floor is near 0.",
    bad_for="It needs five images a dimension, varies more than the distance itself, and may be below 0.",
    why=Why(
        "The bias of the Fréchet distance depends on the model, so that few images can rank two of them wrongly. "
        "Extrapolation removes most of it.",
        "Chong & Forsyth 2020",
        "https://arxiv.org/abs/1911.07023",
    ),
    cost="hundreds of Fréchet distances",
    better="lower",
    needs=frozenset({"features"}),
    measure=measure,
    default=False,
)
