"""Rules on samples for any family: mode collapse, samples that get worse, also while the loss falls.

Each function makes a rule for the networks and the loss of a family, with its remedies.
"""

from collections.abc import Sequence
from functools import partial

import numpy as np

from pipeline.formatting import number
from pipeline.health.gradients import learning_rates
from pipeline.health.hint import Hint, Rule, Suggestion
from pipeline.health.history import Float64Array, History
from pipeline.health.spread import ALONE, CERTAIN, TREND, medians_between, spread_checkups
from pipeline.health.trends import mann_kendall, theil_sen
from pipeline.why import Why

COLLAPSED = 0.5
"""Diversity of the samples (1: as varied as real images) below which modes are missing."""

ALL_ALIKE = 0.1
"""Diversity at which every sample is nearly the same image."""

RECOVERING = 0.1
"""Rise of the diversity from the window's first half to its second: healthy runs start low and rise faster."""

WORSE = 0.5
"""Relative growth of the energy distance along its trend that is reported."""

NOTICEABLE = 0.02
"""Energy distance that it must exceed: below, images are close to real ones and checkups differ by chance."""

FALLEN = 0.1
"""Fall of a loss along its trend, relative to its median, that counts."""

WHY_COLLAPSE = Why(
    "A network that maps all noise to a few images can still fool an opponent that looks at one image at a time, so "
    "nothing in the loss pulls its images apart. This is the main way in which training a GAN fails.",
    "Salimans et al. 2016",
    "https://arxiv.org/abs/1606.03498",
)
WHY_WORSE = Why(
    "The energy distance is 0 only if two sets of images have the same distribution. If it grows over many checkups, "
    "what the network makes moves away from what it should make.",
    "Székely & Rizzo 2013",
    "https://doi.org/10.1016/j.jspi.2013.03.018",
)
WHY_DECEIVED = Why(
    "The loss of a network that is trained against another one says how it does against that opponent, and the "
    "opponent changes too. It need not fall when images get better, nor rise when they get worse.",
    "Arjovsky et al. 2017",
    "https://arxiv.org/abs/1701.07875",
)


def mode_collapse(maker: str, remedy: str, suggestions: tuple[Suggestion, ...]) -> Rule:
    """Samples are less than half as diverse as real images at every checkup, and not getting better.

    maker: role of the network that makes them. Only for families whose samples should be as diverse as real images.
    """
    return partial(_all_alike, maker, remedy, suggestions)


def _all_alike(maker: str, remedy: str, suggestions: tuple[Suggestion, ...], history: History) -> Hint | None:
    found = history.last_checkups("diversity")
    if found is None or (found >= COLLAPSED).any():
        return None
    half = len(found) // 2
    if np.median(found[half:]) > np.median(found[:half]) + RECOVERING:
        return None
    diversity = float(np.median(found))
    return Hint(
        code="mode-collapse",
        severity="critical" if diversity < ALL_ALIKE else "warning",
        evidence={"diversity": diversity, "checkups": len(found)},
        text=f"At the last {len(found)} checkups the samples' diversity was about {number(diversity)}, where real "
        f"images have 1: the {maker} makes the same few images over and over.",
        remedy=remedy,
        suggestions=suggestions,
        brief="diversity is low",
        why=WHY_COLLAPSE,
        since=history.first_of(),
    )


def samples_get_worse(roles: Sequence[str]) -> Rule:
    """Samples move away from real images by more than chance. roles: roles of the networks whose learning rates to
    lower."""
    return partial(_worse, learning_rates(roles))


def _worse(suggestions: tuple[Suggestion, ...], history: History) -> Hint | None:
    steps, distances = spread_checkups(history, "energy_distance")
    found = _moved_away(distances[:, 0], ALONE)
    if found is None:
        return None
    near, far = found
    return Hint(
        code="images-get-worse",
        severity="warning",
        evidence={"energy_distance before": near, "energy_distance": far, "checkups": TREND},
        text=f"Over the last {TREND} checkups the energy distance of samples from real images grew from {number(near)} "
        f"to {number(far)}: images get worse.",
        remedy="Go back to where the energy distance was lowest, and continue with lower learning rates.",
        suggestions=suggestions,
        brief="images get worse",
        why=WHY_WORSE,
        since=int(steps[0]),
    )


def worse_while_loss_falls(
    loss: str, maker: str, reason: str, remedy: str, suggestions: tuple[Suggestion, ...]
) -> Rule:
    """The loss of a network falls while its images get further from real ones, both more than by chance.

    maker: role of that network. reason: the cause, as the end of a sentence.
    """
    return partial(_worse_while_loss_falls, loss, maker, reason, remedy, suggestions)


def _worse_while_loss_falls(
    loss: str, maker: str, reason: str, remedy: str, suggestions: tuple[Suggestion, ...], history: History
) -> Hint | None:
    steps, distances = spread_checkups(history, "energy_distance")
    if not len(steps) or loss not in history.series:
        return None
    losses, found = medians_between(history, loss, steps), _moved_away(distances[:, 0], CERTAIN)
    if found is None or not np.isfinite(losses).all() or mann_kendall(losses) > -CERTAIN:
        return None
    (near, far), (high, low) = found, theil_sen(losses)
    if high - low < FALLEN * abs(float(np.median(losses))):
        return None
    return Hint(
        code="loss-falls-images-get-worse",
        severity="warning",
        evidence={"energy_distance before": near, "energy_distance": far, f"{loss} before": high, loss: low}
        | {"checkups": TREND},
        text=f"Over the last {TREND} checkups the {maker}'s loss fell from {number(high)} to {number(low)} while the "
        f"energy distance of its images from real ones grew from {number(near)} to {number(far)}: {reason}.",
        remedy=remedy,
        suggestions=suggestions,
        brief="images get worse",
        why=WHY_DECEIVED,
        since=int(steps[0]),
    )


def _moved_away(distances: Float64Array, certain: float) -> tuple[float, float] | None:
    """Both ends of the trend of these energy distances without the first one; None if it does not clearly rise."""
    distances = distances[1:]
    if len(distances) < TREND or mann_kendall(distances) < certain:
        return None
    near, far = theil_sen(distances)
    return (near, far) if far > NOTICEABLE and far - near > WORSE * abs(near) else None
