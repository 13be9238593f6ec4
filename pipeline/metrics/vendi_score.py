"""The Vendi score: how many different images there are, effectively.

    exp(−Σ λ log λ), λ: eigenvalues of K / n, K: cosines between features

1 if all images are the same, n if all are orthogonal. Friedman & Dieng 2023 (arXiv 2210.02410). K / n and the D×D
matrix of the normalised features have the same eigenvalues but for zeros, so that the smaller one is decomposed.
"""

import numpy as np
from numpy.typing import NDArray

from pipeline.metrics.intervals import around, error_of_function
from pipeline.metrics.neighbours import Rows
from pipeline.metrics.signature import Measured, Metric, Sets, Unmeasurable
from pipeline.why import Why


def vendi(features: Rows) -> tuple[float, NDArray[np.float64]]:
    """The score of features (N, D), and the derivative of it by the weight of each image (N,), up to a constant."""
    rows = features.astype(np.float64)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    rows /= np.where(lengths, lengths, 1)
    count, dimensions = rows.shape
    wide = count < dimensions
    values, vectors = np.linalg.eigh((rows @ rows.T if wide else rows.T @ rows) / count)
    kept = values > max(values.max(), 0) * max(count, dimensions) * np.finfo(float).eps
    values, vectors = values[kept], vectors[:, kept]
    if not len(values):
        raise Unmeasurable("All features are zero, so that the images cannot be told apart.")
    score = float(np.exp(-(values * np.log(values)).sum()))
    # −x · (log K) x of every image; for the smaller matrix of images, its eigenvectors hold x along each axis.
    along = np.square(vectors * np.sqrt(values * count)) if wide else np.square(rows @ vectors)
    return score, -score * (along @ np.log(values))


def measure(sets: Sets) -> Measured:
    """The score of the generated images. Raises Unmeasurable."""
    if len(sets.generated) < 2:
        raise Unmeasurable("This needs two generated images at least.")
    score, influences = vendi(sets.generated.features)
    count = len(influences)
    interval = around(score, error_of_function(influences), least=1.0, most=float(count))
    return Measured(score, count, 0, *interval)


VENDI_SCORE = Metric(
    name="vendi_score",
    title="Vendi score",
    unit="effective number of different images",
    definition=r"$\exp(-\sum\lambda\log\lambda)$ with the eigenvalues λ of the matrix of cosines between the features "
    "of generated images, divided by n.",
    good_for="Variety within the generated images alone; near 1 when all look the same.",
    bad_for="It compares with no real image: noise may have a high score. Compare with that of as many real images.",
    why=Why(
        "It counts kinds of images, without asking which ones they should be. Half of the real images' score means "
        "half of their variety.",
        "Friedman & Dieng 2023",
        "https://arxiv.org/abs/2210.02410",
    ),
    cost="grows with n and with the cube of the number of features",
    better="real",
    needs=frozenset({"features"}),
    measure=measure,
)
