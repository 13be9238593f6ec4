"""ROC area of the run's own scoring network: how often it gives a held-out image a higher score than a generated one.

Ties count half. Its error is that of DeLong et al. 1988 (doi 10.2307/2531595).
"""

import numpy as np
from numpy.typing import NDArray

from pipeline.metrics.intervals import around, error_of_function
from pipeline.metrics.required import known
from pipeline.metrics.signature import Measured, Metric, Sets
from pipeline.why import Why

Scores = NDArray[np.float32]
NONE = "This run has no network that scores images: only one that trains against a scoring network does."


def scores_of(sets: Sets) -> tuple[Scores, Scores]:
    """Scores of generated and of held-out images. Raises Unmeasurable."""
    return known(sets.generated.scores, NONE), known(sets.held_out.scores, NONE)


def mean_scores(sets: Sets) -> dict[str, float]:
    """Mean scores by kind of images, as details. An overfit network gives held-out images those of generated
    ones."""
    kinds = {"training": sets.training, "held out": sets.held_out, "generated": sets.generated}
    known_scores = {kind: images.scores for kind, images in kinds.items() if images.scores is not None}
    return {f"mean score, {kind}": float(scores.mean(dtype=np.float64)) for kind, scores in known_scores.items()}


def shares_below(scores: Scores, others: Scores) -> NDArray[np.float64]:
    """For each score (N,), the share of others (M,) that are lower; equal ones count half."""
    ranked = np.sort(others)
    places = np.searchsorted(ranked, scores, "left") + np.searchsorted(ranked, scores, "right")
    return places / (2 * len(others))


def measure(sets: Sets) -> Measured:
    """The area; details: mean scores. Raises Unmeasurable."""
    generated, real = scores_of(sets)
    above, below = shares_below(real, generated), shares_below(generated, real)
    value = float(above.mean())
    interval = around(value, error_of_function(above, below), most=1.0)
    return Measured(value, len(generated), len(real), *interval, mean_scores(sets))


SCORING_AUC = Metric(
    name="scoring_auc",
    title="ROC area of the scoring network",
    unit="share of pairs in the right order",
    definition="Share of pairs of a held-out and a generated image in which the held-out one has the higher score.",
    good_for="Whether the scoring network still tells real from generated images: 0.5 is a guess, 1 always.",
    bad_for="It judges the scoring network as much as the images: never compare two runs by it.",
    why=Why(
        "Held-out images show what the network has learnt, where training images show what it remembers. An area near "
        "1 leaves the network that draws with little gradient to learn from.",
        "Goodfellow et al. 2014; the area: Hanley & McNeil 1982",
        "https://arxiv.org/abs/1406.2661",
    ),
    cost="grows with n log n",
    better="real",
    needs=frozenset({"scores"}),
    measure=measure,
    percent=True,
    comparable=False,
)
