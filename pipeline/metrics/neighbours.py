"""Euclidean distances between features, in blocks that bound the memory, and nearest neighbours.

All distances here are squared, which keeps their order. They come from one matrix product, |x|² + |y|² − 2 x·y, in
float64 around the centre of the features; small ones, of which the product would leave rounding errors only, are
computed again from differences. So copies have the distance 0.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.float32]
AT_ONCE = 2**22
"""Distances, or values of differences, held at once: 32 MB of float64."""
SMALL = 1e-6
"""Squared distances below this share of |x|² + |y|² come from differences."""


def blocks(rows: Rows, others: Rows) -> Iterator[tuple[slice, NDArray[np.float64]]]:
    """Squared distances from rows (N, D) to others (M, D), some rows at a time: (which rows, (n, M))."""
    centre = others.mean(0, dtype=np.float64)
    targets = others - centre
    lengths = np.einsum("md,md->m", targets, targets)
    step = max(1, AT_ONCE // max(1, len(others)))
    for start in range(0, len(rows), step):
        part = rows[start : start + step] - centre
        scale = np.einsum("nd,nd->n", part, part)[:, None] + lengths
        found = scale - 2 * (part @ targets.T)
        _refine(found, scale, part, targets)
        yield slice(start, start + len(part)), found


def _refine(
    found: NDArray[np.float64], scale: NDArray[np.float64], part: NDArray[np.float64], targets: NDArray[np.float64]
) -> None:
    """Replace small distances by the sums of their squared differences, in place."""
    left, right = np.nonzero(found <= SMALL * scale)
    step = max(1, AT_ONCE // part.shape[1])
    for start in range(0, len(left), step):
        i, j = left[start : start + step], right[start : start + step]
        differences = part[i] - targets[j]
        found[i, j] = np.einsum("pd,pd->p", differences, differences)


def squared_distances(rows: Rows, others: Rows) -> NDArray[np.float64]:
    """All squared distances (N, M), for sets small enough to hold them."""
    found = [distances for _, distances in blocks(rows, others)]
    return np.concatenate(found) if found else np.empty((0, len(others)))


def among_themselves(features: Rows) -> Iterator[tuple[slice, NDArray[np.float64]]]:
    """`blocks` within one set (N, D), in which an image's distance from itself is infinite."""
    for part, distances in blocks(features, features):
        distances[np.arange(len(distances)), np.arange(part.start, part.stop)] = np.inf
        yield part, distances


def squared_radii(features: Rows, k: int) -> NDArray[np.float64]:
    """Squared distance of each image (N,) from the k-th nearest other one of its set, k < N."""
    return np.concatenate(
        [np.partition(distances, k - 1, axis=1)[:, k - 1] for _, distances in among_themselves(features)]
    )


def nearest(rows: Rows, others: Rows) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The nearest of `others` for each row: its place (N,) and squared distance (N,)."""
    found = [(distances.argmin(1), distances.min(1)) for _, distances in blocks(rows, others)]
    return np.concatenate([each[0] for each in found]), np.concatenate([each[1] for each in found])
