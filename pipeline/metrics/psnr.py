"""Peak signal-to-noise ratio of reconstructions: 10 log₁₀(255² / mean squared error), in decibels, mean over images.

An exact reconstruction would be infinite and counts as 100 dB, an error of one level in one of 150,000 values.
"""

import numpy as np
from numpy.typing import NDArray

from pipeline.metrics.reconstructions import Pixels, of_reconstructions
from pipeline.metrics.signature import Measured, Metric, Sets
from pipeline.why import Why

MOST = 100.0


def ratios(originals: Pixels, made: Pixels) -> NDArray[np.float64]:
    """The ratio in dB (R,) of reconstructions (R, H, W, C) uint8."""
    errors = [np.square(a.astype(np.float64) - b).mean() for a, b in zip(originals, made, strict=True)]
    with np.errstate(divide="ignore"):
        found: NDArray[np.float64] = np.minimum(10 * np.log10(255**2 / np.array(errors)), MOST)
    return found


def measure(sets: Sets) -> Measured:
    """The mean over reconstructions of held-out images. Raises Unmeasurable."""
    return of_reconstructions(sets, ratios, 0.0, MOST)


PSNR = Metric(
    name="psnr",
    title="PSNR of reconstructions",
    unit="dB",
    definition=r"$10\log_{10}(255^2/\mathrm{MSE})$ of each reconstructed held-out image; the mean over images.",
    good_for="How exactly an autoencoder keeps values; by class in the details.",
    bad_for="It likes blur: an average of possible images is nearer than a sharp guess.",
    why=Why(
        "It is the reconstruction error on a scale that does not depend on the range of values. Images of a latent "
        "diffusion model cannot be sharper than what its autoencoder reconstructs.",
        "Horé & Ziou 2010",
        "https://doi.org/10.1109/ICPR.2010.579",
    ),
    cost="grows with the number of pixels",
    better="higher",
    needs=frozenset({"reconstructions", "pixels"}),
    measure=measure,
    floor="training",
)
