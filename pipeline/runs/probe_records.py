"""The measurements of a probe in one training step, as plain numbers, shared by the code that measures, stores and
draws them.

A probe covers every layer of every network, and the scores of images. All histograms of layers share one set of bins,
so that different steps, layers and runs can be compared.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LOWEST_OCTAVE = -24
"""Magnitudes below 2⁻²⁴ ≈ 6·10⁻⁸ are rounded away when float32 adds them to 1: they share the bin of zero."""

HIGHEST_OCTAVE = 8
"""Magnitudes of 2⁸ = 256 and more share the last bin on their side: a layer with such values is exploding."""

_OCTAVES = np.exp2(np.arange(LOWEST_OCTAVE, HIGHEST_OCTAVE + 1))
EDGES: NDArray[np.float64] = np.concatenate([[-np.inf], -_OCTAVES[::-1], _OCTAVES, [np.inf]])
"""Bin b holds values from EDGES[b] to EDGES[b + 1]: one octave per bin, mirrored at zero, the same for all layers.

Octaves, because weights, gradients and activations differ by orders of magnitude between layers and drift during a run,
which bins of equal width would show as one full bin; powers of two, because the exponent of a float is its octave.
"""

BINS = len(EDGES) - 1
SCORE_BINS = 40
SCORE_GROUPS = ("real", "fake", "held-out")
"""Groups of scored images: training images, generated images, and real images that training never sees."""

NUMBERS = ("activation_mean", "activation_std", "zeros", "weight_norm", "gradient_norm", "update_norm")
"""The scalar fields of a LayerProbe."""

HISTOGRAMS = ("activation_histogram", "weight_histogram", "gradient_histogram")
"""The fields of a LayerProbe that are counts over the bins."""

Counts = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class LayerProbe:
    """One layer in one step. Histograms are (BINS,) counts; values that are not finite are in no bin."""

    role: str
    """Role of its network."""
    name: str
    """Its path in the network and its kind, e.g. "3 Conv2d"."""
    activation_mean: float
    """Over everything the layer returned in the step, in all calls; NaN, like the next two, if it was not called."""
    activation_std: float
    zeros: float
    """Share, 0 to 1, of activations that are exactly 0."""
    weight_norm: float
    """‖w‖₂ of its parameters after the step; NaN, like the next two, if it has no parameters or it is not known."""
    gradient_norm: float
    """‖∂L/∂w‖₂ in the last update of its network."""
    update_norm: float
    """‖w after − w before‖₂ over the whole step."""
    activation_histogram: Counts
    weight_histogram: Counts
    gradient_histogram: Counts


@dataclass(frozen=True, eq=False)
class ScoreProbe:
    """Displayed scores after one step; only finite ones count.

    counts: group -> (SCORE_BINS,) images in each bin. means: group -> mean, NaN if the group is empty.
    edges: (SCORE_BINS + 1,), ascending; from 0 to 1 if scores are probabilities, otherwise spanning the scores.
    """

    edges: NDArray[np.float64]
    counts: Mapping[str, Counts]
    means: Mapping[str, float]


@dataclass(frozen=True, eq=False)
class Probe:
    """All measurements of the step that ended as number `step`.

    layers: layers in the order of the networks. scores: None if the model has no scores of images. seconds: duration of
    the measurement.
    """

    step: int
    layers: tuple[LayerProbe, ...]
    scores: ScoreProbe | None
    seconds: float
