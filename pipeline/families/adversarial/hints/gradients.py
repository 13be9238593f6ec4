"""The rule for a vanishing gradient of the generator."""

import numpy as np

from pipeline.formatting import number
from pipeline.health.hint import Hint, Suggestion
from pipeline.health.history import WINDOW, History
from pipeline.why import Why

VANISHED = 1e-3
"""L2 norm of the generator's gradient below which it has vanished. Runs that learn keep it above 0.04; when the
discriminator's scores saturate, it falls by orders of magnitude (Arjovsky & Bottou 2017, arXiv 1701.04862)."""

WHY = Why(
    "Where the discriminator is certain, its score hardly depends on the image, so its gradient tells the generator "
    "nothing. The better the discriminator, the smaller the gradient that the generator gets.",
    "Arjovsky & Bottou 2017",
    "https://arxiv.org/abs/1701.04862",
)


def vanishing_generator_gradient(history: History) -> Hint | None:
    """The generator's gradient has been close to zero throughout the window."""
    quarters = history.quarters("G_grad_norm")
    if quarters is None or (quarters >= VANISHED).any():
        return None
    norm = float(np.median(quarters))
    return Hint(
        code="vanishing-generator-gradient",
        severity="critical",
        evidence={"G_grad_norm": norm, "steps": WINDOW},
        text=f"Over the last {WINDOW} steps the generator's gradient norm was about {number(norm)}: "
        "the gradient is too small to learn from.",
        remedy="Hold the discriminator back with a lower learning rate or fewer updates per step, or go back to a step "
        "at which the generator still learned.",
        suggestions=(
            Suggestion("discriminator optimizer", "learning_rate"),
            Suggestion("training", "discriminator_updates"),
            Suggestion("discriminator", "dropout"),
            Suggestion("objective", "penalty_weight"),
        ),
        brief="the generator has no gradient",
        why=WHY,
        since=history.first_of(),
    )
