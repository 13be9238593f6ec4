"""The Fréchet distance between normal distributions fitted to two sets of features.

    d² = ‖μ₁ − μ₂‖² + tr(Σ₁ + Σ₂ − 2 (Σ₁ Σ₂)^½)

Heusel et al. 2017 (arXiv 1706.08500), who take features of an Inception network. Only distances from the same features
and of the same numbers of images can be compared: few images give a larger distance, also if both sets come from the
same distribution.

With Σ = RᵀR, the trace of (Σ₁ Σ₂)^½ is the sum of the singular values of R₁ R₂ᵀ, which needs no root of a matrix that
is not symmetric, and is exact for fewer images than dimensions, too.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.metrics.intervals import around, error_of_function
from pipeline.metrics.neighbours import Rows
from pipeline.metrics.required import require_images
from pipeline.metrics.signature import Measured, Metric, Sets
from pipeline.why import Why

ROWS = 4096
"""Images whose features are held in float64 at once."""


@dataclass(frozen=True)
class _Spread:
    """A fitted normal distribution. mean: (D,). root: R (r, D). basis: (D, r), centred features times basis are the
    left singular vectors of the centred features; None if root is the centred features themselves, scaled."""

    mean: NDArray[np.float64]
    root: NDArray[np.float64]
    basis: NDArray[np.float64] | None


def _spread(features: Rows) -> _Spread:
    count, dimensions = features.shape
    mean = features.mean(0, dtype=np.float64)
    if count <= dimensions:
        return _Spread(mean, (features - mean) / np.sqrt(count - 1), None)
    covariance = np.zeros((dimensions, dimensions))
    for start in range(0, count, ROWS):
        part = features[start : start + ROWS] - mean
        covariance += part.T @ part / (count - 1)
    values, vectors = np.linalg.eigh(covariance)
    kept = values > values[-1] * dimensions * np.finfo(float).eps
    values, vectors = values[kept], vectors[:, kept]
    return _Spread(mean, (vectors * np.sqrt(values)).T, vectors / np.sqrt(values * (count - 1)))


def _from(one: _Spread, other: _Spread, shared: NDArray[Any]) -> float:
    apart = np.square(one.mean - other.mean).sum()
    return max(0.0, float(apart + np.square(one.root).sum() + np.square(other.root).sum() - 2 * shared.sum()))


def squared_distance(one: Rows, other: Rows) -> float:
    """d² of features (N, D) from features (M, D); N, M ≥ 2."""
    left, right = _spread(one), _spread(other)
    return _from(left, right, np.linalg.svd(left.root @ right.root.T, compute_uv=False))


def _influences(
    features: Rows, own: _Spread, other: _Spread, vectors: NDArray[np.float64], shared: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The derivative of d² by the weight of each image (N,). vectors: (r, k) left singular vectors of R₁ R₂ᵀ."""
    count, found = len(features), np.empty(len(features))
    for start in range(0, count, ROWS):
        part = features[start : start + ROWS] - own.mean
        rows = vectors[start : start + ROWS] if own.basis is None else part @ (own.basis @ vectors)
        found[start : start + ROWS] = (
            2 * part @ (own.mean - other.mean) + np.square(part).sum(1) - count * (np.square(rows) @ shared)
        )
    return found


def measure(sets: Sets) -> Measured:
    """d² of generated from held-out images. Raises Unmeasurable."""
    require_images(sets, 2, 2)
    one, other = sets.generated.features, sets.held_out.features
    left, right = _spread(one), _spread(other)
    vectors, shared, rights = np.linalg.svd(left.root @ right.root.T, full_matrices=False)
    value = _from(left, right, shared)
    error = error_of_function(
        _influences(one, left, right, vectors, shared), _influences(other, right, left, rights.T, shared)
    )
    return Measured(value, len(one), len(other), *around(value, error))


FRECHET_DISTANCE = Metric(
    name="frechet_distance",
    title="Fréchet distance",
    unit="squared distance of features",
    definition=r"$\|\mu_1-\mu_2\|^2+\mathrm{tr}(\Sigma_1+\Sigma_2-2(\Sigma_1\Sigma_2)^{1/2})$ of the means and "
    "covariances of features of generated and held-out images.",
    good_for="Comparison with what others report, if features, n and resizing are the same.",
    bad_for="Few images give large values, its floor may hide what matters, and copies of training images look real.",
    why=Why(
        "Most papers report a distance of this kind, on other features and of 50,000 images. It sees the mean and the "
        "covariance only, and needs many more images than there are dimensions.",
        "Heusel et al. 2017",
        "https://arxiv.org/abs/1706.08500",
    ),
    cost="grows with n and with the cube of the number of features",
    better="lower",
    needs=frozenset({"features"}),
    measure=measure,
)
