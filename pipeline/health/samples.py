"""Rules on samples: they are all alike, or they get worse while the loss says otherwise."""

from itertools import pairwise

import numpy as np

from pipeline.health.hint import Hint, Lever
from pipeline.health.history import Floats, History, Steps
from pipeline.health.trends import mann_kendall, theil_sen
from pipeline.wording import number

COLLAPSED = 0.5
"""Diversity of the samples (1: as varied as real images) below which modes are missing."""

ALL_ALIKE = 0.1
"""Diversity at which every sample is nearly the same image."""

RECOVERING = 0.1
"""Rise of the diversity from the window's first half to its second: healthy runs start alike and rise faster."""

TREND = 10
"""Checkups that a trend is made of: fewer show one by chance too often."""

TREND_STEPS = 500
"""Steps that they span at least."""

CERTAIN = 2.33
"""Mann–Kendall score that chance reaches in one of a hundred series; here two must at once, in opposite directions."""

WORSE = 0.5
"""Share by which the energy distance must have grown along its trend."""

NOTICEABLE = 0.02
"""And to how much at least: below, images are near to real ones, and checkups differ by that by chance."""

FALLEN = 0.1
"""Share of its usual size by which the generator's loss must have fallen."""


def mode_collapse(history: History) -> Hint | None:
    """A game's samples are less than half as varied as real images at every checkup, and not getting better."""
    found = history.last_checkups("diversity")
    if found is None or (found >= COLLAPSED).any() or "G_loss" not in history.series:
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
        "images have 1: the generator makes a few images over and over.",
        remedy="From a step at which samples still differed, go on with lower learning rates, or with a penalty on "
        "steep scores of the discriminator.",
        levers=(
            Lever("objective", "penalty_weight"),
            Lever("generator optimizer", "learning_rate"),
            Lever("discriminator optimizer", "learning_rate"),
            Lever("generator optimizer", "beta1"),
        ),
    )


def images_get_worse(history: History) -> Hint | None:
    """The generator's loss falls while its images move away from real ones, both beyond what chance does."""
    steps, distances = _spread_checkups(history)
    if len(steps) <= TREND or "G_loss" not in history.series:
        return None
    losses, distances = _losses_between(history, steps), distances[1:]
    if not np.isfinite(losses).all() or mann_kendall(distances) < CERTAIN or mann_kendall(losses) > -CERTAIN:
        return None
    (near, far), (high, low) = theil_sen(distances), theil_sen(losses)
    grown = far > NOTICEABLE and far - near > WORSE * abs(near)
    if not grown or high - low < FALLEN * abs(float(np.median(losses))):
        return None
    return Hint(
        code="loss-falls-images-get-worse",
        severity="warning",
        evidence={"energy_distance before": near, "energy_distance": far, "G_loss before": high, "G_loss": low}
        | {"checkups": TREND},
        text=f"Over the last {TREND} checkups the generator's loss fell from {number(high)} to {number(low)} while the "
        f"energy distance of its images from real ones grew from {number(near)} to {number(far)}: it pleases a "
        "discriminator that no longer sees what is wrong.",
        remedy="Go back to where the energy distance was lowest, and give the discriminator a higher learning rate or "
        "more updates in a step.",
        levers=(
            Lever("discriminator optimizer", "learning_rate"),
            Lever("training", "discriminator_updates"),
            Lever("generator optimizer", "learning_rate"),
        ),
    )


def _spread_checkups(history: History) -> tuple[Steps, Floats]:
    """Steps and energy distance of TREND + 1 checkups over the last TREND_STEPS steps or more, or of fewer."""
    steps, distances = history.checkups("energy_distance")
    if not len(steps) or history.steps[-1] - steps[0] < TREND_STEPS:
        return steps[:0], distances[:0, 0]
    count = max(TREND + 1, int((steps >= history.steps[-1] - TREND_STEPS).sum()))
    steps, distances = steps[-count:], distances[-count:, 0]
    chosen = np.unique(np.linspace(0, len(steps) - 1, TREND + 1).round().astype(int))
    return steps[chosen], distances[chosen]


def _losses_between(history: History, steps: Steps) -> Floats:
    """(k − 1,) median of G_loss from each of (k,) checkups to the next; NaN where it has no finite value."""
    losses = np.asarray(history.series["G_loss"], np.float64)
    losses = np.where(np.isfinite(losses), losses, np.nan)
    places = np.searchsorted(history.steps, steps)
    parts = [losses[begin:end] for begin, end in pairwise(places)]
    return np.array([np.nanmedian(part) if np.isfinite(part).any() else np.nan for part in parts])
