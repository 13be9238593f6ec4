"""The hints on an autoencoder: its codes say nothing of their images, and what may befall any network."""

import numpy as np

from pipeline.formatting import number
from pipeline.health import gradients
from pipeline.health.hint import Hint, Lever, Rule
from pipeline.health.history import WINDOW, History

NO_INFORMATION = 1.0
"""KL divergence of codes from the noise, in nats, below which they hardly say anything: log 10 = 2.3 nats would say
which of ten digits an image is, and the templates' codes have 26."""

NO_BETTER = 0.95
"""Share of the mean image's error that reconstructions must stay below. One that learns is below it in 50 steps."""


def posterior_collapse(history: History) -> Hint | None:
    """Codes are as good as noise all through the window, and images come back no better than as the mean image.

    Posterior collapse: the KL term is cheapest where every image has the prior for its code (Bowman et al. 2016, arXiv
    1511.06349).
    """
    kl = history.quarters("kl")
    found = history.last_checkups("held_out_reconstruction", "mean_image_error", "active_units")
    if kl is None or found is None:
        return None
    error, of_mean, active = (float(median) for median in np.median(found, axis=0))
    silent = (kl < NO_INFORMATION).all() or not found[:, 2].any()
    if not silent or (found[:, 0] < NO_BETTER * found[:, 1]).any():
        return None
    evidence = {
        "kl": float(np.median(kl)),
        "steps": WINDOW,
        "active_units": active,
        "held_out_reconstruction": error,
        "mean_image_error": of_mean,
    }
    return Hint(
        code="posterior-collapse",
        severity="critical",
        evidence=evidence,
        text=f"Over the last {WINDOW} steps the KL divergence was about {number(evidence['kl'])} with {number(active)} "
        f"active units, and held-out images come back with an error of {number(error)} where the mean image has "
        f"{number(of_mean)}: codes say nothing of their images, and the decoder ignores them.",
        remedy="Lower beta, or let the KL term's weight rise over more warm-up steps, so that codes are of use before "
        "they are drawn to the noise.",
        levers=(
            Lever("objective", "beta"),
            Lever("objective", "kl_warmup_steps"),
            Lever("encoder optimizer", "learning_rate"),
            Lever("decoder optimizer", "learning_rate"),
        ),
    )


RULES: tuple[Rule, ...] = (
    gradients.not_finite(("encoder", "decoder")),
    gradients.exploding("grad_norm", ("encoder", "decoder")),
    posterior_collapse,
    gradients.dead_units(("encoder", "decoder")),
)
"""The one to be said first among equally severe ones first."""
