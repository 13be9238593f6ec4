"""Rules for the discriminator's scores: it wins, guesses or overfits, or the critic is not Lipschitz."""

from math import log

import numpy as np

from pipeline.formatting import number
from pipeline.health.hint import Hint, Suggestion
from pipeline.health.history import WINDOW, History
from pipeline.why import Why

WON = 0.95
"""Mean probability of the correct answer, for real images and for generated ones, above which the discriminator has
won. Healthy runs stay under 0.91."""

HALF = 0.1
"""Largest distance from 0.5 of the mean scores of a guessing discriminator."""

GUESSED_GAP = 0.05
"""Largest gap between its mean scores of real and generated images; healthy runs end at about 0.5."""

GUESSED_LOSS = 2 * log(2)
"""The discriminator's loss if it gives all images a score of 0.5 (Goodfellow et al. 2014, arXiv 1406.2661, theorem
1)."""

NEAR_LOSS = 0.1
"""Largest relative difference from that loss."""

UNLIKE_REAL = 0.1
"""Energy distance above which images are clearly unlike real ones. A score of 0.5 is correct only below it."""

KNOWN_BY_HEART = 0.6
"""r_t above which the discriminator overfits according to ADA (Karras et al. 2020, arXiv 2006.06676, section 3.1)."""

FALLEN_AWAY = 0.25
"""Threshold of r_v of the same paper: 0 if held-out images are scored like training images, 1 if like generated ones.
A discriminator that wins by generalising also has a high r_t, but an r_v near 0: up to 0.12 was measured."""

LIPSCHITZ = (0.8, 1.2)
"""Range of the mean gradient norm of a critic that a gradient penalty keeps near 1; 1.0 to 1.15 was measured."""

HOLD_DISCRIMINATOR_BACK = (
    Suggestion("discriminator optimizer", "learning_rate"),
    Suggestion("training", "discriminator_updates"),
    Suggestion("discriminator", "dropout"),
    Suggestion("generator optimizer", "learning_rate"),
)

WHY_WINS = Why(
    "Real and generated images are so far apart at first that a discriminator can separate them perfectly. It is then "
    "nearly constant around each image, and the generator learns nothing from it.",
    "Arjovsky & Bottou 2017",
    "https://arxiv.org/abs/1701.04862",
)
WHY_GUESSES = Why(
    "The best discriminator answers 0.5 everywhere only if generated images are distributed like real ones. If they "
    "still look different and it answers 0.5, it has not learned what tells them apart.",
    "Goodfellow et al. 2014",
    "https://arxiv.org/abs/1406.2661",
)
WHY_OVERFITS = Why(
    "With few images a discriminator comes to know them by heart, and its feedback to the generator loses its meaning. "
    "The scores of held-out images then drift away from those of training images, towards those of generated ones.",
    "Karras et al. 2020",
    "https://arxiv.org/abs/2006.06676",
)
WHY_LIPSCHITZ = Why(
    "The difference between a critic's scores estimates the Wasserstein distance only if its slope is at most 1. The "
    "best critic has a slope of 1 almost everywhere between real and generated images, which the penalty aims at.",
    "Gulrajani et al. 2017",
    "https://arxiv.org/abs/1704.00028",
)


def discriminator_wins(history: History) -> Hint | None:
    """The discriminator has told real from generated images almost perfectly throughout the window."""
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
        f"generated ones {number(evidence['D_fake'])}: it tells them apart almost perfectly, and the generator "
        "cannot fool it.",
        remedy="Lower the discriminator's learning rate or its updates per step, or raise the generator's learning "
        "rate.",
        suggestions=HOLD_DISCRIMINATOR_BACK,
        brief="the discriminator wins",
        why=WHY_WINS,
        since=history.first_of(),
    )


def discriminator_guesses(history: History) -> Hint | None:
    """The discriminator's scores have been about 0.5 throughout the window, though images are still unlike real
    ones."""
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
        f"generated ones {number(evidence['D_fake'])} at a loss of {number(evidence['D_loss'])}: it guesses, and the "
        "generator learns nothing from it.",
        remedy="Raise the discriminator's learning rate or its updates per step, or give it more units.",
        suggestions=(
            Suggestion("discriminator optimizer", "learning_rate"),
            Suggestion("training", "discriminator_updates"),
            Suggestion("discriminator", "base_channels"),
            Suggestion("discriminator", "hidden"),
            Suggestion("discriminator", "dropout"),
        ),
        brief="the discriminator guesses",
        why=WHY_GUESSES,
        since=history.first_of(),
    )


def discriminator_overfits(history: History) -> Hint | None:
    """The discriminator scores training images as real, and held-out ones lower: it has begun to memorise them."""
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
        f"ones {number(held_out)} (r_t {number(r_t)}, r_v {number(r_v)}): it has memorised its training images.",
        remedy="Train on more images, give the discriminator more dropout or fewer units, or stop here.",
        suggestions=(
            Suggestion("real", "dataset"),
            Suggestion("discriminator", "dropout"),
            Suggestion("discriminator", "base_channels"),
            Suggestion("discriminator", "hidden"),
            Suggestion("discriminator optimizer", "learning_rate"),
        ),
        brief="the discriminator overfits",
        why=WHY_OVERFITS,
        since=history.first_of(),
    )


def critic_not_lipschitz(history: History) -> Hint | None:
    """The gradient norm of the critic has been far from 1 throughout the window, in spite of the penalty."""
    slopes = history.quarters("critic_slope")
    if slopes is None or not ((slopes < LIPSCHITZ[0]).all() or (slopes > LIPSCHITZ[1]).all()):
        return None
    slope = float(np.median(slopes))
    steep = slope > LIPSCHITZ[1]
    return Hint(
        code="critic-not-lipschitz",
        severity="warning",
        evidence={"critic_slope": slope, "steps": WINDOW},
        text=f"Over the last {WINDOW} steps the critic's gradient norm was about {number(slope)} instead of 1, "
        "so its scores do not measure a distance between real and generated images.",
        remedy="Raise the penalty weight, or lower the critic's learning rate."
        if steep
        else "Lower the penalty weight, or give the critic more updates per step.",
        suggestions=(
            Suggestion("objective", "penalty_weight"),
            Suggestion("discriminator optimizer", "learning_rate")
            if steep
            else Suggestion("training", "discriminator_updates"),
        ),
        brief="the critic's slope is not 1",
        why=WHY_LIPSCHITZ,
        since=history.first_of(),
    )
