"""The threshold between the scores of real and of generated images, where scores have no zero."""

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float32]


def best_threshold(real: Scores, generated: Scores) -> float:
    """The score above which images count as real, of the highest accuracy: in the middle between two scores."""
    scores = np.unique(np.concatenate([real, generated]).astype(np.float64))
    middles = np.concatenate([[scores[0] - 1], (scores[:-1] + scores[1:]) / 2, [scores[-1] + 1]])
    missed = np.searchsorted(np.sort(real), middles) / len(real)
    caught = np.searchsorted(np.sort(generated), middles) / len(generated)
    return float(middles[np.argmax(caught - missed)])
