"""Shares of classes: how far those of generated images are from those of real ones, and which classes are missing.

    ½ Σ |share among generated − share among held-out images|

the total variation distance, with the most probable class of each image by the same classifier. A class is a missing
mode if its share is less than a tenth of its real share.
"""

import numpy as np
from numpy.typing import NDArray

from pipeline.metrics.classifier_score import NONE
from pipeline.metrics.intervals import around, error_by_resampling
from pipeline.metrics.required import known, require_images
from pipeline.metrics.signature import Measured, Metric, Sets
from pipeline.why import Why

MISSING = 0.1
MISSING_MODES = "missing modes"


def shares(classes: NDArray[np.int64], count: int) -> NDArray[np.float64]:
    """The share (count,) of each class among classes (N,)."""
    return np.bincount(classes, minlength=count) / len(classes)


def missing_modes(generated: NDArray[np.float64], real: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether each class (K,) is missing among generated images with these shares. Classes without real images are
    not."""
    return (real > 0) & (generated < MISSING * real)


def _distance(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    return float(np.abs(one - other).sum() / 2)


def measure(sets: Sets) -> Measured:
    """The distance; details: the number of missing modes, then the share of each class among generated images, as
    "share of NAME", and among held-out ones, as "real share of NAME". Raises Unmeasurable."""
    require_images(sets, 1, 1)
    probabilities = [known(each.probabilities, NONE) for each in (sets.generated, sets.held_out)]
    kinds = probabilities[0].shape[1]
    one, other = (each.argmax(1) for each in probabilities)
    made, real = shares(one, kinds), shares(other, kinds)
    names = sets.class_names or tuple(map(str, range(kinds)))
    error = error_by_resampling(
        lambda i, j: _distance(shares(one[i], kinds), shares(other[j], kinds)), len(one), len(other), seed=sets.seed
    )
    value = _distance(made, real)
    details = {MISSING_MODES: float(missing_modes(made, real).sum())}
    details |= {f"share of {name}": float(share) for name, share in zip(names, made, strict=True)}
    details |= {f"real share of {name}": float(share) for name, share in zip(names, real, strict=True)}
    return Measured(value, len(one), len(other), *around(value, error, most=1.0), details)


CLASS_SHARES = Metric(
    name="class_shares",
    title="Distance of class shares",
    unit="share of images in the wrong class",
    definition=r"$\frac12\sum_k|p_k-q_k|$ of the shares of each class among generated and held-out images, as a "
    "classifier names them.",
    good_for="Which classes are drawn too seldom or too often, and which are missing: mode collapse by name.",
    bad_for="Every image gets a class, bad ones too; a model that is asked for classes draws those it is asked for.",
    why=Why(
        "It is the share of images that would have to change their class. Its details name the classes.",
        "Richardson & Weiss 2018, with clusters in place of classes",
        "https://arxiv.org/abs/1805.12462",
    ),
    cost="grows with n",
    better="lower",
    needs=frozenset({"classes"}),
    measure=measure,
    percent=True,
)
