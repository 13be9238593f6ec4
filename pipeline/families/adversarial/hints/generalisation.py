"""Rules on what would make better images: more of them, or larger networks, by the scores of held-out images."""

import numpy as np

from pipeline.families.adversarial.hints.scores import FALLEN_AWAY, KNOWN_BY_HEART
from pipeline.formatting import counted, number
from pipeline.health.hint import Hint, Suggestion
from pipeline.health.history import History
from pipeline.health.improvement import plateau
from pipeline.health.samples import COLLAPSED
from pipeline.health.spread import TREND, medians_between, spread_checkups
from pipeline.why import Why

FEW = 10_000
"""Training images below which a gap in the scores is put down to their number: the fewer there are, the sooner images
get worse again (Karras et al. 2020, arXiv 2006.06676, figure 1)."""

ALIKE = 0.12
"""Largest r_v of a discriminator that generalises; see `scores.FALLEN_AWAY`."""

WHY_MORE_IMAGES = Why(
    "The fewer images there are, the sooner the discriminator knows them by heart, and its feedback to the generator "
    "loses its meaning. Augmentation of all images that it sees delays this, more images prevent it.",
    "Karras et al. 2020",
    "https://arxiv.org/abs/2006.06676",
)


def too_few_images(history: History) -> Hint | None:
    """Held-out images are scored lower than training images at every checkup, and there are few of them."""
    images = history.facts.train_images
    found = _shares(history)
    if images is None or images >= FEW or found is None:
        return None
    train, held_out, shares = found
    r_t = history.last_checkups("r_t")
    # Then the discriminator overfits, which is another hint.
    if r_t is not None and float(r_t.mean()) > KNOWN_BY_HEART and history.scores == "probability":
        return None
    share = float(np.median(shares))
    if share <= FALLEN_AWAY or (held_out >= train).any():
        return None
    seen, unseen = float(np.median(train)), float(np.median(held_out))
    return Hint(
        code="too-few-images",
        severity="info",
        evidence={"D_train": seen, "D_held_out": unseen, "r_v": share, "images": images, "checkups": TREND},
        text=f"At the last {TREND} checkups the discriminator gave held-out images {number(unseen)} and its "
        f"{counted(images, 'training image')} {number(seen)} (r_v {number(share)}): it begins to know them by heart.",
        remedy="Train on more images, augment all that the discriminator sees, or give it more dropout.",
        suggestions=(
            Suggestion("real", "dataset"),
            Suggestion("objective", "probability"),
            Suggestion("discriminator", "dropout"),
        ),
        brief="too few images",
        why=WHY_MORE_IMAGES,
    )


def networks_too_small(history: History) -> Hint | None:
    """Images stay unlike real ones, though they differ, and held-out images are scored like training images."""
    found = _shares(history)
    _, table = spread_checkups(history, "energy_distance", "diversity")
    if found is None or len(table) <= TREND or (table[1:, 1] < COLLAPSED).any():
        return None
    share = float(np.median(found[2]))
    if abs(share) > ALIKE:
        return None
    return plateau(
        table[1:, 0],
        TREND,
        ("generator", "discriminator"),
        (
            Suggestion("generator", "base_channels"),
            Suggestion("generator", "hidden"),
            Suggestion("discriminator", "base_channels"),
            Suggestion("discriminator", "hidden"),
        ),
        history,
        "held-out images were scored like training images, r_v",
        share,
    )


def _shares(history: History) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
    """(TREND,) scores of training and of held-out images, and r_v: 0 if both are scored alike, 1 if held-out images are
    scored like generated ones. None if the discriminator does not score training images above generated ones."""
    steps, table = spread_checkups(history, "D_train", "D_held_out")
    if len(steps) <= TREND or "D_fake" not in history.series:
        return None
    train, held_out, fake = table[1:, 0], table[1:, 1], medians_between(history, "D_fake", steps)
    if not (train > fake).all():
        return None
    return train, held_out, (train - held_out) / (train - fake)
