"""The classifier score: how surely a classifier names each image, and how varied the names are.

    exp(mean over images of KL(p(class | image) ‖ p(class)))

From 1 to the number of classes. The formula of Salimans et al. 2016 (arXiv 1606.03498), on the classes of the run's own
images instead of ImageNet's. They take the mean of ten parts; here it is one.
"""

import numpy as np
from numpy.typing import NDArray

from pipeline.metrics.intervals import around, error_of_mean
from pipeline.metrics.required import known
from pipeline.metrics.signature import Measured, Metric, Sets
from pipeline.why import Why

NONE = "These features know no classes: choose those of a classifier."


def divergences(probabilities: NDArray[np.float32]) -> NDArray[np.float64]:
    """KL divergence (N,), in nats, of each row of probabilities (N, K) from their mean."""
    chances = probabilities.astype(np.float64)
    mean = chances.mean(0)
    ratios = np.divide(chances, mean, out=np.ones_like(chances), where=chances > 0)
    found: NDArray[np.float64] = (chances * np.log(ratios)).sum(1)
    return found


def measure(sets: Sets) -> Measured:
    """The score of the generated images. Raises Unmeasurable."""
    probabilities = known(sets.generated.probabilities, NONE)
    each = divergences(probabilities)
    score = float(np.exp(each.mean()))
    interval = around(score, score * error_of_mean(each), least=1.0, most=float(probabilities.shape[1]))
    return Measured(score, len(each), 0, *interval)


CLASSIFIER_SCORE = Metric(
    name="classifier_score",
    title="Classifier score",
    unit="effective number of classes",
    definition=r"$\exp\,\mathbb{E}\,\mathrm{KL}(p(y\mid x)\,\|\,p(y))$ over generated images x, with a classifier's "
    "probabilities of the classes y.",
    good_for="Images that no class claims, and missing classes.",
    bad_for="It compares with no real image, sees nothing within a class, and can be deceived.",
    why=Why(
        "Good images are named surely, and all names occur. One perfect image per class has the highest score.",
        "Salimans et al. 2016; its limits: Barratt & Sharma 2018",
        "https://arxiv.org/abs/1801.01973",
    ),
    cost="grows with n",
    better="higher",
    needs=frozenset({"classes"}),
    measure=measure,
)
