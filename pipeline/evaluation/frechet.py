"""The Fréchet distance between normal distributions fitted to two sets of features.

    d² = ‖μ₁ − μ₂‖² + tr(Σ₁ + Σ₂ − 2 (Σ₁ Σ₂)^½)

Heusel et al. 2017 (arXiv 1706.08500), who take the features of an Inception network and call d² the FID. Only distances
from the same features and of the same numbers of images can be compared: few images give a larger distance, also if
both sets come from the same distribution. `Distance.floor` says how large it is for real images.
"""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Moments:
    """The moments of features: mean (D,) and covariance (D, D), float64 on the CPU, of `count` images."""

    mean: Tensor
    covariance: Tensor
    count: int


@dataclass(frozen=True)
class Distance:
    """d² of `count` images from `of` reference images. floor: that of `floor_count` other real images from the same
    reference."""

    value: float
    count: int
    of: int
    floor: float
    floor_count: int


def moments(features: Tensor) -> Moments:
    """The moments of features (N, D). Raises ValueError for fewer than two images, or values that are not finite."""
    if len(features) < 2:
        raise ValueError(f"a covariance needs at least 2 images, not {len(features)}")
    values = features.detach().cpu().double()
    if not values.isfinite().all():
        raise ValueError("features have values that are not finite")
    return Moments(values.mean(0), values.T.cov(), len(values))


def squared_distance(one: Moments, other: Moments) -> float:
    """d² between two sets of features, at least 0.

    (Σ₁ Σ₂)^½ has the trace of (S Σ₂ S)^½ with S = Σ₁^½, which is symmetric, so that its eigenvalues are real.
    """
    values, vectors = torch.linalg.eigh(one.covariance)
    root = vectors * values.clamp(min=0).sqrt() @ vectors.T
    common = torch.linalg.eigvalsh(root @ other.covariance @ root).clamp(min=0).sqrt().sum()
    apart = (one.mean - other.mean).square().sum()
    found = apart + one.covariance.trace() + other.covariance.trace() - 2 * common
    return max(0.0, float(found))


def distance(features: Tensor, reference: Tensor, others: Tensor) -> Distance:
    """The distance of features (N, D) from a reference (M, D), with the floor of other real images (K, D)."""
    known, made, real = moments(reference), moments(features), moments(others)
    return Distance(squared_distance(made, known), made.count, known.count, squared_distance(real, known), real.count)
