"""What the run's own scoring network says of each image, real or generated, and where it is wrong.

A score above the threshold is the verdict "real". Scores that are logits of a probability have the threshold 0; other
scores have no zero, and theirs best separates training images from generated ones, as in the metric of its accuracy.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from pipeline.errors.evaluation import NothingToShow
from pipeline.metrics.scoring_accuracy import best_threshold
from pipeline.metrics.signature import Images, Sets

NO_SCORES = (
    "This run has no network that scores images, or its images are not compared with its own set. Look at the failures "
    "instead."
)
Kind = Literal["both", "real", "generated"]
Order = Literal["most wrong", "highest score", "lowest score"]


@dataclass(frozen=True, eq=False)
class Verdicts:
    """The verdicts on N images whose pixels are known, held-out ones first.

    generated: (N,) bool, whether each is generated. places: (N,) int64, its place in its set. scores: (N,) float32.
    threshold: the score above which an image counts as real. probability: whether scores are logits. taken_for_real:
    share of all scored images of each kind with the verdict "real", by "training", "held-out" and "generated".
    """

    generated: NDArray[np.bool_]
    places: NDArray[np.int64]
    scores: NDArray[np.float32]
    threshold: float
    probability: bool
    taken_for_real: Mapping[str, float]

    @property
    def right(self) -> NDArray[np.bool_]:
        """Whether each verdict (N,) is right."""
        right: NDArray[np.bool_] = (self.scores > self.threshold) != self.generated
        return right

    def ordered(self, order: Order, kind: Kind = "both") -> NDArray[np.int64]:
        """The images of a kind in this order, as places among the N; equal scores in the order of their sets."""
        chosen = np.flatnonzero((kind == "both") | (self.generated == (kind == "generated")))
        scores = self.scores[chosen].astype(np.float64)
        missed = np.where(self.generated[chosen], scores - self.threshold, self.threshold - scores)
        keys = {"most wrong": -missed, "highest score": -scores, "lowest score": scores}
        return chosen[np.argsort(keys[order], kind="stable")]


def verdicts(sets: Sets) -> Verdicts:
    """The verdicts on the held-out and the generated images. Raises NothingToShow if the run scores no images."""
    generated, held_out, training = (_scores(images) for images in (sets.generated, sets.held_out, sets.training))
    threshold = 0.0 if sets.probability else best_threshold(training, generated)
    seen = held_out[: _pictured(sets.held_out)], generated[: _pictured(sets.generated)]
    kinds = {"training": training, "held-out": held_out, "generated": generated}
    return Verdicts(
        generated=np.repeat([False, True], [len(seen[0]), len(seen[1])]),
        places=np.concatenate([np.arange(len(each)) for each in seen]),
        scores=np.concatenate(seen),
        threshold=threshold,
        probability=sets.probability,
        taken_for_real={kind: float((scores > threshold).mean()) for kind, scores in kinds.items()},
    )


def _scores(images: Images) -> NDArray[np.float32]:
    if images.scores is None or not len(images.scores):
        raise NothingToShow(NO_SCORES)
    if not np.isfinite(images.scores).all():
        raise NothingToShow(
            "The network that scores images gives some of them no finite score: choose an earlier step."
        )
    return images.scores


def _pictured(images: Images) -> int:
    return 0 if images.pixels is None else len(images.pixels)
