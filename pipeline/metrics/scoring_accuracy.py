"""Accuracy of the run's own scoring network: how often its verdict on a held-out or a generated image is right.

The mean of both shares, so that unequal numbers of images do not matter. A score above 0 is the verdict "real" where
scores are logits; other scores have no zero, and the threshold is the one that best separates training images from
generated ones.
"""

import numpy as np

from pipeline.metrics.intervals import around, error_of_function
from pipeline.metrics.required import known
from pipeline.metrics.scoring_auc import NONE, Scores, mean_scores, scores_of
from pipeline.metrics.signature import Measured, Metric, Sets
from pipeline.why import Why


def best_threshold(real: Scores, generated: Scores) -> float:
    """The score above which images count as real, of the highest accuracy: in the middle between two scores."""
    scores = np.unique(np.concatenate([real, generated]).astype(np.float64))
    middles = np.concatenate([[scores[0] - 1], (scores[:-1] + scores[1:]) / 2, [scores[-1] + 1]])
    missed = np.searchsorted(np.sort(real), middles) / len(real)
    caught = np.searchsorted(np.sort(generated), middles) / len(generated)
    return float(middles[np.argmax(caught - missed)])


def measure(sets: Sets) -> Measured:
    """The accuracy; details: the threshold, the share of right verdicts on each kind, mean scores. Raises
    Unmeasurable."""
    generated, real = scores_of(sets)
    threshold = 0.0 if sets.probability else best_threshold(known(sets.training.scores, NONE), generated)
    verdicts = (real > threshold).astype(float), (generated <= threshold).astype(float)
    value = float(verdicts[0].mean() + verdicts[1].mean()) / 2
    interval = around(value, error_of_function(*verdicts) / 2, most=1.0)
    details = {"threshold": threshold, "right, held out": float(verdicts[0].mean())}
    details |= {"right, generated": float(verdicts[1].mean()), **mean_scores(sets)}
    return Measured(value, len(generated), len(real), *interval, details)


SCORING_ACCURACY = Metric(
    name="scoring_accuracy",
    title="Accuracy of the scoring network",
    unit="share of right verdicts",
    definition="Mean of the share of held-out images taken for real and the share of generated images taken for "
    "generated.",
    good_for="Whether the scoring network overfits: right on training images, wrong on held-out ones.",
    bad_for="It judges the scoring network as much as the images: never compare two runs by it.",
    why=Why(
        "At the ideal end of training the network can only guess, and has 0.5. Long before, a value of 0.5 means that "
        "it has stopped to learn.",
        "Goodfellow et al. 2014",
        "https://arxiv.org/abs/1406.2661",
    ),
    cost="grows with n log n",
    better="real",
    needs=frozenset({"scores"}),
    measure=measure,
    percent=True,
    comparable=False,
)
