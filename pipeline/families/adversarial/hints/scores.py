"""Rules on the discriminator's scores: it wins, it guesses, it knows its images by heart, its scores are too steep."""

from math import log

import numpy as np

from pipeline.formatting import number
from pipeline.health.hint import Hint, Lever
from pipeline.health.history import WINDOW, History

WON = 0.95
"""Mean probability on the right side, for real images and for generated ones. Runs that go well stay under 0.91."""

HALF = 0.1
"""How far from 0.5 the scores of a discriminator that guesses may lie."""

GUESSED_GAP = 0.05
"""How far apart they may lie; healthy runs end at about 0.5."""

GUESSED_LOSS = 2 * log(2)
"""Its loss when it says 0.5 to everything (Goodfellow et al. 2014, arXiv 1406.2661, theorem 1)."""

NEAR_LOSS = 0.1
"""Share of that loss by which it may differ."""

UNLIKE_REAL = 0.1
"""Energy distance over which images are plainly not like real ones. Saying 0.5 is right only where they are."""

KNOWN_BY_HEART = 0.6
"""r_t above which ADA holds that the discriminator overfits (Karras et al. 2020, arXiv 2006.06676, section 3.1)."""

FALLEN_AWAY = 0.25
"""r_v of the same paper: 0 where held-out images are scored as training images are, 1 where as generated ones are. A
discriminator that wins by what it has understood has a high r_t too, but an r_v near 0: up to 0.12 was measured."""

LIPSCHITZ = (0.8, 1.2)
"""Mean slope of a critic that the gradient penalty holds near 1; with it in force 1.0 to 1.15 were measured."""

HOLD_DISCRIMINATOR_BACK = (
    Lever("discriminator optimizer", "learning_rate"),
    Lever("training", "discriminator_updates"),
    Lever("discriminator", "dropout"),
    Lever("generator optimizer", "learning_rate"),
)


def discriminator_wins(history: History) -> Hint | None:
    """It tells real from generated images almost without fail, all through the window."""
    real, fake = history.quarters("D_real"), history.quarters("D_fake")
    if history.scores != "probability" or real is None or fake is None:
        return None
    if (real <= WON).any() or (fake >= 1 - WON).any():
        return None
    evidence = {"D_real": float(np.median(real)), "D_fake": float(np.median(fake)), "steps": WINDOW}
    return Hint(
        code="discriminator-wins",
        severity="warning",
        evidence=evidence,
        text=f"Over the last {WINDOW} steps the discriminator gave real images {number(evidence['D_real'])} and "
        f"generated ones {number(evidence['D_fake'])}: it tells them apart almost without fail, and the generator "
        "finds no way to fool it.",
        remedy="Lower the discriminator's learning rate or its updates in a step, or raise the generator's learning "
        "rate.",
        levers=HOLD_DISCRIMINATOR_BACK,
    )


def discriminator_guesses(history: History) -> Hint | None:
    """It says 0.5 to everything all through the window, though images are not yet like real ones."""
    real, fake, loss = (history.quarters(name) for name in ("D_real", "D_fake", "D_loss"))
    if history.scores != "probability" or real is None or fake is None or loss is None:
        return None
    undecided = (abs(real - 0.5) < HALF) & (abs(fake - 0.5) < HALF) & (abs(real - fake) < GUESSED_GAP)
    if not (undecided & (abs(loss / GUESSED_LOSS - 1) < NEAR_LOSS)).all():
        return None
    distances = history.last_checkups("energy_distance")
    if distances is not None and distances.min() < UNLIKE_REAL:
        return None
    evidence = {
        "D_real": float(np.median(real)),
        "D_fake": float(np.median(fake)),
        "D_loss": float(np.median(loss)),
        "steps": WINDOW,
    }
    return Hint(
        code="discriminator-guesses",
        severity="warning",
        evidence=evidence,
        text=f"Over the last {WINDOW} steps the discriminator gave real images {number(evidence['D_real'])} and "
        f"generated ones {number(evidence['D_fake'])} at a loss of {number(evidence['D_loss'])}: it guesses, and has "
        "nothing to teach the generator.",
        remedy="Raise the discriminator's learning rate or its updates in a step, or give it more units.",
        levers=(
            Lever("discriminator optimizer", "learning_rate"),
            Lever("training", "discriminator_updates"),
            Lever("discriminator", "base_channels"),
            Lever("discriminator", "hidden"),
            Lever("discriminator", "dropout"),
        ),
    )


def discriminator_overfits(history: History) -> Hint | None:
    """It takes training images for real, and held-out ones less so: it has begun to learn them by heart."""
    found, fake = history.last_checkups("D_train", "D_held_out", "r_t"), history.recent("D_fake")
    if history.scores != "probability" or found is None or fake is None:
        return None
    train, held_out, r_t = (float(mean) for mean in found.mean(axis=0))
    generated = float(fake.mean())
    if not (r_t > KNOWN_BY_HEART and train > generated):
        return None
    r_v = (train - held_out) / (train - generated)
    if r_v <= FALLEN_AWAY:
        return None
    return Hint(
        code="discriminator-overfits",
        severity="warning",
        evidence={"r_t": r_t, "D_train": train, "D_held_out": held_out, "r_v": r_v, "checkups": len(found)},
        text=f"At the last {len(found)} checkups the discriminator gave training images {number(train)} but held-out "
        f"ones {number(held_out)} (r_t {number(r_t)}, r_v {number(r_v)}): it knows its images by heart.",
        remedy="Train on more images, give the discriminator more dropout or fewer units, or stop here.",
        levers=(
            Lever("real", "dataset"),
            Lever("discriminator", "dropout"),
            Lever("discriminator", "base_channels"),
            Lever("discriminator", "hidden"),
            Lever("discriminator optimizer", "learning_rate"),
        ),
    )


def critic_not_lipschitz(history: History) -> Hint | None:
    """The slope of a critic's scores is far from 1 all through the window, whatever the penalty does."""
    slopes = history.quarters("critic_slope")
    if slopes is None or not ((slopes < LIPSCHITZ[0]).all() or (slopes > LIPSCHITZ[1]).all()):
        return None
    slope = float(np.median(slopes))
    steep = slope > LIPSCHITZ[1]
    return Hint(
        code="critic-not-lipschitz",
        severity="warning",
        evidence={"critic_slope": slope, "steps": WINDOW},
        text=f"Over the last {WINDOW} steps the slope of the critic's scores was about {number(slope)} instead of 1, "
        "so they do not measure a distance between real and generated images.",
        remedy="Raise the penalty weight, or lower the critic's learning rate."
        if steep
        else "Lower the penalty weight, or give the critic more updates in a step.",
        levers=(
            Lever("objective", "penalty_weight"),
            Lever("discriminator optimizer", "learning_rate") if steep else Lever("training", "discriminator_updates"),
        ),
    )
