"""A number for each reconstructed image: its mean over held-out images, and over the images of each class."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from pipeline.metrics.intervals import around, error_of_mean
from pipeline.metrics.required import known
from pipeline.metrics.signature import Measured, Sets

Pixels = NDArray[np.uint8]
NONE = "This run makes no reconstructions of images: only one with an autoencoder does."


def of_reconstructions(
    sets: Sets, compare: Callable[[Pixels, Pixels], NDArray[np.float64]], least: float, most: float
) -> Measured:
    """The mean over reconstructions of held-out images, its interval, and by class in details, by name.

    compare: originals and reconstructions (R, H, W, C) uint8 -> a number for each (R,), from `least` to `most`.
    Raises Unmeasurable.
    """
    made = known(sets.held_out.reconstructions, NONE)
    originals = known(sets.held_out.pixels, "The pixels of the held-out images are not known.")[: len(made)]
    values = compare(originals, made)
    mean = float(values.mean())
    details: dict[str, float] = {}
    if sets.held_out.labels is not None:
        labels = sets.held_out.labels[: len(made)]
        for label in np.unique(labels):
            known_name = 0 <= label < len(sets.class_names)
            details[sets.class_names[label] if known_name else str(label)] = float(values[labels == label].mean())
    low, high = around(mean, error_of_mean(values), least, most)
    return Measured(mean, len(made), len(made), low, high, details)
