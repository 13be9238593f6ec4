"""Rules on what would make better images: training longer, more images, larger networks, or stopping earlier.

Each function makes a rule for the series of a family. Errors are series in which lower is better.
"""

from collections.abc import Sequence
from functools import partial

import numpy as np

from pipeline.formatting import counted, listed, number
from pipeline.health.hint import Hint, Rule, Suggestion
from pipeline.health.history import History
from pipeline.health.spread import ALONE, CERTAIN, TREND, medians_between, spread_checkups
from pipeline.health.trends import mann_kendall, theil_sen
from pipeline.why import Why

RISEN, FALLEN = 0.02, 0.01
"""Relative rise of a held-out error and fall of a training error, along their trends, of a network that overfits."""

GAP = 0.2
"""A held-out error that is larger than the training error by this share is a sign of too few images."""

MANY = 20_000
"""Training images from which on a gap is not put down to their number."""

SAME = 0.05
"""Largest gap without which a network cannot be said to overfit."""

FLAT, FLAT_DISTANCE = 0.02, 0.1
"""Relative change of a training error, and of the energy distance, along its trend on a plateau."""

UNLIKE, FAR_OFF = 0.1, 0.5
"""Energy distances between which images are unlike real ones, though the network has learned something: an untrained
one starts at about 0.9, and the templates end below 0.03."""

BOOK = ("Goodfellow et al. 2016, section 5.2", "https://www.deeplearningbook.org/contents/ml.html")
WHY_LONGER = Why(
    "As long as a measure of what the network makes still improves, stopping costs quality for nothing. Rules for when "
    "to stop wait until such a measure has not improved for a while.",
    "Prechelt 1998",
    "https://doi.org/10.1007/3-540-49430-8_3",
)
WHY_MORE_IMAGES = Why(
    "The error on images that training has never seen is the one that counts. If it is much larger than the training "
    "error, more images help, and larger networks or longer training do not.",
    *BOOK,
)
WHY_LARGER = Why(
    "If the training error stays high and held-out images do no worse, the network has not enough capacity to fit its "
    "images: it underfits. More images or longer training do not help then; more units or layers do.",
    *BOOK,
)
WHY_OVERFITTED = Why(
    "When the error on unseen images rises while the training error falls, the network learns the particular images "
    "instead of what they have in common. From there on, further training makes it worse.",
    *BOOK,
)


def trained_too_short(series: str, words: str, noticeable: float, negligible: float = 0.0) -> Rule:
    """At the end of its plan, an error measured at checkups was still falling.

    words: what the series is, for a sentence. noticeable: relative fall along its trend that counts. negligible: an
    error below this is as good as none.
    """
    return partial(_trained_too_short, series, words, noticeable, negligible)


def _trained_too_short(series: str, words: str, noticeable: float, negligible: float, history: History) -> Hint | None:
    total = history.facts.total_steps
    if total is None or history.step < total:
        return None
    steps, table = spread_checkups(history, series)
    values = table[1:, 0]
    if len(values) < TREND or mann_kendall(values) > -ALONE:
        return None
    high, low = theil_sen(values)
    if high <= negligible or high - low < noticeable * abs(high):
        return None
    span = int(steps[-1] - steps[1])
    return Hint(
        code="trained-too-short",
        severity="info",
        evidence={"planned steps": total, f"{series} before": high, series: low, "span": span},
        text=f"At the end of the planned {total:,} steps {words} was still falling, from {number(high)} to "
        f"{number(low)} over the last {span:,} steps: images would get better with more of them.",
        remedy="Press Run to add steps, or fork the run with more total steps if a schedule has brought the learning "
        "rate to 0.",
        suggestions=(Suggestion("training", "total_steps"),),
        brief="trained too short",
        why=WHY_LONGER,
    )


def overfitted(train: str, held_out: str, suggestions: tuple[Suggestion, ...]) -> Rule:
    """The error of held-out images rises while the training error falls.

    train: series of the training error at every step. held_out: series of the same error, measured at checkups.
    """
    return partial(_overfitted, train, held_out, suggestions)


def _overfitted(train: str, held_out: str, suggestions: tuple[Suggestion, ...], history: History) -> Hint | None:
    steps, table = spread_checkups(history, held_out)
    if len(steps) <= TREND or train not in history.series:
        return None
    unseen, seen = table[1:, 0], medians_between(history, train, steps)
    if not np.isfinite(seen).all() or mann_kendall(unseen) < CERTAIN or mann_kendall(seen) > -CERTAIN:
        return None
    (low, high), (before, now) = theil_sen(unseen), theil_sen(seen)
    if high - low < RISEN * abs(low) or before - now < FALLEN * abs(before):
        return None
    return Hint(
        code="overfitted",
        severity="warning",
        evidence={f"{held_out} before": low, held_out: high, f"{train} before": before, train: now, "checkups": TREND},
        text=f"Over the last {TREND} checkups the error of held-out images rose from {number(low)} to {number(high)} "
        f"while the training error fell from {number(before)} to {number(now)}: the networks learn their images by "
        "heart.",
        remedy="Go back to before the error of held-out images rose and stop there, or train on more images.",
        suggestions=suggestions,
        brief="overfitted",
        why=WHY_OVERFITTED,
        since=int(steps[1]),
    )


def too_few_images(train: str, held_out: str, suggestions: tuple[Suggestion, ...]) -> Rule:
    """The error of held-out images is much larger than the training error, and there are few images. Parameters as for
    `overfitted`."""
    return partial(_too_few_images, train, held_out, suggestions)


def _too_few_images(train: str, held_out: str, suggestions: tuple[Suggestion, ...], history: History) -> Hint | None:
    images = history.facts.train_images
    steps, table = spread_checkups(history, held_out)
    if images is None or images >= MANY or len(steps) <= TREND or train not in history.series:
        return None
    unseen, seen = table[1:, 0], medians_between(history, train, steps)
    if not ((seen > 0) & (unseen > (1 + GAP) * seen)).all():
        return None
    error, known = float(np.median(unseen)), float(np.median(seen))
    return Hint(
        code="too-few-images",
        severity="info",
        evidence={held_out: error, train: known, "images": images, "checkups": TREND},
        text=f"At the last {TREND} checkups the error of held-out images was about {number(error)}, against "
        f"{number(known)} in training on {counted(images, 'image')}: more of them would help most.",
        remedy="Train on more images, or augment them.",
        suggestions=suggestions,
        brief="too few images",
        why=WHY_MORE_IMAGES,
    )


def too_small(train: str, held_out: str, roles: Sequence[str], suggestions: tuple[Suggestion, ...]) -> Rule:
    """Images stay unlike real ones, the training error has stopped falling, and held-out images have no larger one.

    roles: of the networks that may be too small. The other parameters are as for `overfitted`.
    """
    return partial(_too_small, train, held_out, tuple(roles), suggestions)


def _too_small(
    train: str, held_out: str, roles: tuple[str, ...], suggestions: tuple[Suggestion, ...], history: History
) -> Hint | None:
    steps, table = spread_checkups(history, held_out, "energy_distance")
    if len(steps) <= TREND or train not in history.series:
        return None
    unseen, distances, seen = table[1:, 0], table[1:, 1], medians_between(history, train, steps)
    if not (seen > 0).all() or (unseen > (1 + SAME) * seen).any() or not is_flat(seen, FLAT):
        return None
    return plateau(distances, len(steps) - 1, roles, suggestions, history, f"{train} was about", float(np.median(seen)))


def plateau(
    distances: np.ndarray,
    checkups: int,
    roles: tuple[str, ...],
    suggestions: tuple[Suggestion, ...],
    history: History,
    sign: str,
    level: float,
) -> Hint | None:
    """The hint of networks that are too small if these energy distances have stopped falling, far from 0.

    sign, level: what shows that nothing is overfitted, as the middle of a sentence that the number ends.
    """
    if not (is_flat(distances, FLAT_DISTANCE) and (distances > UNLIKE).all() and (distances < FAR_OFF).all()):
        return None
    distance = float(np.median(distances))
    known = {role: history.facts.weights[role] for role in roles if role in history.facts.weights}
    sizes = listed(f"{count:,} in the {role}" for role, count in known.items())
    weights = f", with {sizes} as trained weights" if sizes else ""
    return Hint(
        code="network-too-small",
        severity="info",
        evidence={"energy_distance": distance, sign: level, "checkups": checkups}
        | {f"weights of {role}": count for role, count in known.items()},
        text=f"Over the last {checkups} checkups the energy distance from real images stayed at about "
        f"{number(distance)} while {sign} {number(level)}{weights}: the networks have learned what they can hold.",
        remedy="Give the networks more units, channels or layers, in a new run.",
        suggestions=suggestions,
        brief="networks too small",
        why=WHY_LARGER,
    )


def is_flat(values: np.ndarray, tolerance: float) -> bool:
    """Whether (n,) values have no trend: neither by rank nor by more than `tolerance`, relative to their median."""
    if not np.isfinite(values).all() or abs(mann_kendall(values)) >= CERTAIN:
        return False
    first, last = theil_sen(values)
    return abs(last - first) <= tolerance * abs(float(np.median(values)))
