"""Structural similarity of reconstructions: means, variances and covariance in a moving window, mean over images.

Wang et al. 2004 (doi 10.1109/TIP.2003.819861): a Gaussian window of 11 × 11 pixels with σ = 1.5, constants K₁ = 0.01
and K₂ = 0.03, only where the window is inside the image; the mean over channels for images in colour.
"""

import numpy as np
from numpy.typing import NDArray

from pipeline.metrics.reconstructions import Pixels, of_reconstructions
from pipeline.metrics.signature import Measured, Metric, Sets, Unmeasurable
from pipeline.why import Why

WINDOW, SIGMA = 11, 1.5
C1, C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2


def _smoothing(size: int) -> NDArray[np.float64]:
    """The moving average along an axis as a matrix (size − WINDOW + 1, size)."""
    weights = np.exp(-np.square(np.arange(WINDOW) - WINDOW // 2) / (2 * SIGMA**2))
    rows = [np.pad(weights / weights.sum(), (start, size - WINDOW - start)) for start in range(size - WINDOW + 1)]
    return np.stack(rows)


def similarities(originals: Pixels, made: Pixels) -> NDArray[np.float64]:
    """The similarity (R,), at most 1, of images (R, H, W, C) uint8. Raises Unmeasurable for sides below 11 pixels."""
    height, width = originals.shape[1:3]
    if min(height, width) < WINDOW:
        raise Unmeasurable(
            f"Structural similarity needs images of at least {WINDOW} × {WINDOW} pixels, not {width} × {height}: "
            "choose PSNR."
        )
    down, across = _smoothing(height), _smoothing(width).T

    def similarity(original: Pixels, other: Pixels) -> float:
        x, y = (each.transpose(2, 0, 1).astype(np.float64) for each in (original, other))
        mx, my, xx, yy, xy = (down @ each @ across for each in (x, y, x * x, y * y, x * y))
        spread = xx - mx**2 + yy - my**2 + C2
        found = (2 * mx * my + C1) * (2 * (xy - mx * my) + C2) / ((mx**2 + my**2 + C1) * spread)
        return float(found.mean())

    return np.array([similarity(a, b) for a, b in zip(originals, made, strict=True)])


def measure(sets: Sets) -> Measured:
    """The mean over reconstructions of held-out images. Raises Unmeasurable."""
    return of_reconstructions(sets, similarities, -1.0, 1.0)


SSIM = Metric(
    name="ssim",
    title="SSIM of reconstructions",
    unit="similarity, 1 for copies",
    definition="Likeness of means, contrasts and correlation of a reconstructed held-out image and its original in a "
    "Gaussian window of 11 pixels; the mean over windows and images.",
    good_for="Blur and lost texture, which PSNR forgives.",
    bad_for="Flat areas count as much as the subject, so that small images on black have high values.",
    why=Why(
        "It compares patterns rather than values. It agrees better than the squared error with what people see.",
        "Wang et al. 2004",
        "https://doi.org/10.1109/TIP.2003.819861",
    ),
    cost="grows with the number of pixels",
    better="higher",
    needs=frozenset({"reconstructions", "pixels"}),
    measure=measure,
    floor="training",
)
