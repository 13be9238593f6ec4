"""What a metric is: a function from real and generated images to a number, and what users have to know about it.

A metric compares `Sets`: generated images with held-out images, or with training images. Features, class probabilities
and scores of the images are given; no metric runs a network. Metrics are deterministic: what they draw at random comes
from `Sets.seed`.
"""

from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass, field, fields, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from pipeline.why import Why

Need = Literal["features", "pixels", "classes", "scores", "reconstructions", "trained"]
"""What a metric reads of the images: the field of `Images` that must not be None ("classes": probabilities). "trained":
the training images must be those that the run was trained on."""
Better = Literal["lower", "higher", "real"]
"""Which values are better: lower ones, higher ones, or those near the value of real images."""
Floor = Literal["training draw", "held out", "training"]
"""What the floor of a metric is measured on. "training draw": training images, drawn in the number of the generated
ones, stand for the generated images. "held out": the held-out images do. "training": training images, drawn in the
number of the held-out ones, stand for the held-out images (for what is measured on real images alone)."""


class Unmeasurable(ValueError):
    """A metric has no value for these sets. The message is a sentence for users: what is missing, and what to do."""


@dataclass(frozen=True, eq=False)
class Images:
    """What is known about N images, row by row. What is not known is None.

    features: (N, D) float32. pixels: (P, H, W, C) uint8 of the first P ≤ N images. probabilities: (N, K) float32, of
    the K classes, by a classifier. labels: (N,) int64, the class that was asked for, or that the image has. scores:
    (N,) float32 of the run's own scoring network, higher for images that it takes for real. reconstructions:
    (R, H, W, C) uint8 of the first R ≤ P images.
    """

    features: NDArray[np.float32]
    pixels: NDArray[np.uint8] | None = None
    probabilities: NDArray[np.float32] | None = None
    labels: NDArray[np.int64] | None = None
    scores: NDArray[np.float32] | None = None
    reconstructions: NDArray[np.uint8] | None = None

    def __len__(self) -> int:
        return len(self.features)

    def take(self, places: NDArray[np.int64]) -> "Images":
        """The images at these places. Pixels and reconstructions are kept for the first places at which all have
        them."""
        taken: dict[str, Any] = {each.name: _taken(getattr(self, each.name), places) for each in fields(self)}
        return Images(**taken)


def _taken(rows: NDArray[Any] | None, places: NDArray[np.int64]) -> NDArray[Any] | None:
    if rows is None:
        return None
    missing = np.flatnonzero(places >= len(rows))
    return rows[places[: missing[0]] if len(missing) else places]


@dataclass(frozen=True, eq=False)
class Sets:
    """What a metric compares. training: all training images, or those that stand for them. class_names: of the K
    classes of `probabilities`. seed: of the random numbers of a metric."""

    generated: Images
    held_out: Images
    training: Images
    class_names: tuple[str, ...] = ()
    _: KW_ONLY
    seed: int = 0
    trained: bool = True
    """Whether the run was trained on these training images."""
    probability: bool = False
    """Whether scores are logits of the probability that an image is real; else they have no threshold."""

    def floor(self, kind: Floor) -> "Sets":
        """The sets whose value is the floor of a metric: real images in place of generated ones.

        Raises Unmeasurable if there are too few real images.
        """
        if kind == "held out":
            return replace(self, generated=self.held_out)
        wanted, there = len(self.held_out if kind == "training" else self.generated), len(self.training)
        if kind == "training" and self.training.reconstructions is not None:
            there = len(self.training.reconstructions)
        count = min(wanted, there)
        if count < 2:
            raise Unmeasurable("There are too few training images to measure a floor.")
        drawn = np.random.default_rng([self.seed, 1]).permutation(there)[:count]
        draw = self.training.take(np.sort(drawn))
        return replace(self, held_out=draw) if kind == "training" else replace(self, generated=draw)


@dataclass(frozen=True)
class Measured:
    """A value and how sure it is. low, high: ends of the 95 % interval, None if the metric has none. generated, real:
    how many images of each kind it was computed from. details: further numbers by name, such as the share of each
    class, in the order in which they are shown."""

    value: float
    generated: int
    real: int
    low: float | None = None
    high: float | None = None
    details: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Metric:
    """A metric.

    name: in expressions, files and on the command line. title: on pages. unit: of its values, in words. definition:
    what is computed, in words or LaTeX, in one or two sentences. good_for, bad_for: what it shows, and what it does not
    see, each one sentence. why: why it matters, and its source. cost: how its time grows, in words. better: its
    direction. floor: what its floor is measured on. needs: what it reads of the images. default: whether it is measured
    unless others are chosen. percent: whether values are shares, from 0 to 1, shown as percentages.
    comparable: whether values of two runs can be compared; not if they judge a network of the run as much as images.
    """

    name: str
    title: str
    unit: str
    definition: str
    good_for: str
    bad_for: str
    why: Why
    cost: str
    better: Better
    needs: frozenset[Need]
    measure: Callable[[Sets], Measured]
    """Raises Unmeasurable."""
    floor: Floor = "training draw"
    default: bool = True
    percent: bool = False
    comparable: bool = True

    def of(self, sets: Sets) -> Measured:
        """The value for these sets. Raises Unmeasurable, also for features that are not finite."""
        for images in (sets.generated, sets.held_out, sets.training):
            if not np.isfinite(images.features).all():
                raise Unmeasurable("The features have values that are not finite: the images cannot be compared.")
        return self.measure(sets)
