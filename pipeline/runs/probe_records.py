"""What a probe measures in one training step, as plain numbers: known to who measures, keeps and draws it.

A probe reads every layer of every network, and how images are scored. All histograms of layers share one set of
bins, so that those of different steps, layers and runs stand beside each other.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LOWEST_OCTAVE = -24
"""Magnitudes below 2⁻²⁴ ≈ 6·10⁻⁸ are what float32 rounds away beside a 1: they share the bin of zero."""

HIGHEST_OCTAVE = 8
"""Magnitudes of 2⁸ = 256 and more share the last bin on their side: a layer that gets there is exploding."""

_OCTAVES = np.exp2(np.arange(LOWEST_OCTAVE, HIGHEST_OCTAVE + 1))
EDGES: NDArray[np.float64] = np.concatenate([[-np.inf], -_OCTAVES[::-1], _OCTAVES, [np.inf]])
"""Bin b holds what lies from EDGES[b] to EDGES[b + 1]: an octave each, mirrored at zero, the same for all layers.

Octaves, because weights, gradients and activations differ by orders of magnitude between layers and drift over a run,
which bins of equal width would show as one full bin; powers of two, because a float carries its octave as its exponent.
"""

BINS = len(EDGES) - 1
SCORE_BINS = 40
SCORE_GROUPS = ("real", "fake", "held-out")
"""Whose scores are told apart: images of the training set, generated images, real images that training never sees."""

NUMBERS = ("activation_mean", "activation_std", "zeros", "weight_norm", "gradient_norm", "update_norm")
"""The fields of a LayerProbe that are one number each."""

HISTOGRAMS = ("activation_histogram", "weight_histogram", "gradient_histogram")
"""Its fields that are counts over the bins."""

Counts = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class LayerProbe:
    """One layer in one step.

    role: of its network. name: its path there and its kind, e.g. "3 Conv2d".
    activation_mean, activation_std, zeros: of everything it returned in the step, in however many calls; zeros is the
    share, 0 to 1, that is exactly 0. NaN where it was not called.
    weight_norm: ‖w‖₂ of its parameters after the step; gradient_norm: ‖∂L/∂w‖₂ of its network's last update;
    update_norm: ‖w after − w before‖₂ over the whole step. NaN where it has no parameters, or where not known.
    Histograms: (BINS,) counts of activations, parameters, gradients; what is not finite is in no bin.
    """

    role: str
    name: str
    activation_mean: float
    activation_std: float
    zeros: float
    weight_norm: float
    gradient_norm: float
    update_norm: float
    activation_histogram: Counts
    weight_histogram: Counts
    gradient_histogram: Counts


@dataclass(frozen=True, eq=False)
class ScoreProbe:
    """Shown scores after one step; only finite ones count.

    counts: group -> (SCORE_BINS,) images in each bin. means: group -> mean, NaN without any.
    edges: (SCORE_BINS + 1,), rising; from 0 to 1 where scores are probabilities, else around the scores there are.
    """

    edges: NDArray[np.float64]
    counts: Mapping[str, Counts]
    means: Mapping[str, float]


@dataclass(frozen=True, eq=False)
class Probe:
    """Everything measured in the step that ended as number `step`.

    layers: in the order of the networks. scores: None where nothing scores images. seconds: what measuring took.
    """

    step: int
    layers: tuple[LayerProbe, ...]
    scores: ScoreProbe | None
    seconds: float
