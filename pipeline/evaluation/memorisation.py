"""Which generated images lie beside a training image, closer than images that training has never seen.

The nearest training image is that of the smallest Euclidean distance between features. Held-out images are the measure:
they come from the same world as the training images, and are no copies. The distance between the pixels of such a pair
is the one of `pipeline/sampling/neighbours.py`: the root mean square difference of values in [-1, 1].
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.data.progress import ReadProgress
from pipeline.errors.evaluation import NothingToShow
from pipeline.metrics.auth_pct import authentic_beside
from pipeline.metrics.neighbours import Rows, nearest
from pipeline.metrics.signature import Images, Sets

AT_ONCE = 1024
"""Images compared between two reports of progress."""
LOW = 0.05
"""A generated image closer than this share of the held-out images is suspicious."""


@dataclass(frozen=True, eq=False)
class Beside:
    """The nearest training image of each of N images. places: (N,) int64, its place. distances: (N,) float64 between
    their features. authentic: (N,) bool, whether the image is no copy, as AuthPct counts it."""

    places: NDArray[np.int64]
    distances: NDArray[np.float64]
    authentic: NDArray[np.bool_]


class Usual(NamedTuple):
    """Distances of held-out images from their nearest training images: median, and the quantile LOW."""

    median: float
    low: float


@dataclass(frozen=True, eq=False)
class Memorisation:
    """Generated and held-out images beside their nearest training images.

    usual, usual_pixels: distances of held-out images between features and between pixels; the latter is None if their
    pixels are not known.
    """

    generated: Beside
    held_out: Beside
    usual: Usual
    usual_pixels: Usual | None
    shown: NDArray[np.int64]
    """Places of the generated images that can be shown with their neighbour, the closest pair first."""


def memorisation(sets: Sets, progress: ReadProgress) -> Memorisation:
    """Find the nearest training images. Raises NothingToShow if there are too few, and what `progress` raises."""
    training = sets.training.features
    if len(training) < 2 or not len(sets.held_out) or not len(sets.generated):
        raise NothingToShow("Copies can be found only beside two training images and a held-out one at least.")
    total = len(sets.generated) + len(sets.held_out)
    generated = _beside(sets.generated.features, training, 0, total, progress)
    held_out = _beside(sets.held_out.features, training, len(sets.generated), total, progress)
    pairs = _with_pixels(sets.held_out, held_out, sets.training)
    apart = pixel_distances(sets.held_out, pairs, sets.training, held_out.places[pairs])
    closest = np.argsort(generated.distances, kind="stable")
    known = _with_pixels(sets.generated, generated, sets.training)
    return Memorisation(
        generated=generated,
        held_out=held_out,
        usual=_usual(held_out.distances),
        usual_pixels=_usual(apart) if len(apart) else None,
        shown=closest[np.isin(closest, known)],
    )


def pixel_distances(
    images: Images, places: NDArray[np.int64], others: Images, beside: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Distances (N,) between the pixels of images and of others, 0 for copies to 2 for black and white.

    places, beside: (N,) of the N pairs, all with known pixels.
    """
    found = [np.empty(0)]
    for start in range(0, len(places), AT_ONCE):
        assert images.pixels is not None and others.pixels is not None, "asked only of images with known pixels"
        pair = images.pixels[places[start : start + AT_ONCE]], others.pixels[beside[start : start + AT_ONCE]]
        difference = (pair[0].astype(np.float32) - pair[1].astype(np.float32)) / 127.5
        found.append(np.sqrt(np.square(difference).mean(axis=(1, 2, 3), dtype=np.float64)))
    return np.concatenate(found)


def _beside(rows: Rows, training: Rows, done: int, total: int, progress: ReadProgress) -> Beside:
    parts = []
    for start in range(0, len(rows), AT_ONCE):
        progress("Finding the nearest training images", done + start, total)
        parts.append(nearest(rows[start : start + AT_ONCE], training))
    places, squared = (np.concatenate(each) for each in zip(*parts, strict=True))
    return Beside(places, np.sqrt(squared), authentic_beside(places, squared, training))


def _with_pixels(images: Images, found: Beside, training: Images) -> NDArray[np.int64]:
    """Places of images whose pixels are known, and those of their nearest training image too."""
    if images.pixels is None or training.pixels is None:
        return np.empty(0, np.int64)
    return np.flatnonzero(found.places[: len(images.pixels)] < len(training.pixels))


def _usual(distances: NDArray[np.float64]) -> Usual:
    return Usual(float(np.median(distances)), float(np.quantile(distances, LOW)))
