"""The health rules of autoencoders: posterior collapse, the rules for any network, and what would make better
images."""

import numpy as np

from pipeline.formatting import number
from pipeline.health import gradients, improvement
from pipeline.health.hint import Hint, Rule, Suggestion
from pipeline.health.history import WINDOW, History
from pipeline.why import Why

NO_INFORMATION = 1.0
"""KL divergence of codes from the noise, in nats, below which they carry hardly any information: log 10 = 2.3 nats
would tell which of ten digits an image is, and the templates' codes have 26."""

NO_BETTER = 0.95
"""Share of the mean image's error that reconstructions must stay below. A run that learns is below it within 50
steps."""

WHY_COLLAPSE = Why(
    "The KL term is lowest if every image gets the same code distribution, and a decoder that makes the mean image "
    "needs no code. A run that starts there has no reason to leave, unless the KL term comes in slowly.",
    "Bowman et al. 2016",
    "https://arxiv.org/abs/1511.06349",
)


def posterior_collapse(history: History) -> Hint | None:
    """Codes have been no better than noise throughout the window, and reconstructions no better than the mean image.

    Posterior collapse: the KL term is lowest if every image's code distribution is the prior (Bowman et al. 2016, arXiv
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
        f"active units, and the reconstruction error of held-out images is {number(error)}, against {number(of_mean)} "
        "for the mean image: codes carry no information, and the decoder ignores them (posterior collapse).",
        remedy="Lower beta, or let the KL weight rise over more warm-up steps, so that codes become useful before "
        "they are pulled towards the noise.",
        suggestions=(
            Suggestion("objective", "beta"),
            Suggestion("objective", "kl_warmup_steps"),
            Suggestion("encoder optimizer", "learning_rate"),
            Suggestion("decoder optimizer", "learning_rate"),
        ),
        brief="codes carry no information",
        why=WHY_COLLAPSE,
        since=history.first_of(),
    )


ERRORS = ("reconstruction", "held_out_reconstruction")
"""The series of the training error, and of the same error of held-out images."""

SIZES = tuple(
    Suggestion(role, parameter) for role in ("encoder", "decoder") for parameter in ("base_channels", "hidden")
)
"""The parameters of how many units the networks have."""

FAILING: tuple[Rule, ...] = (gradients.exploding("grad_norm", ("encoder", "decoder")), posterior_collapse)
"""The rules on what goes wrong that only an autoencoder has."""

IMPROVING: tuple[Rule, ...] = (
    improvement.overfitted(*ERRORS, (*SIZES, Suggestion("real", "dataset"))),
    improvement.too_few_images(*ERRORS, (Suggestion("real", "dataset"), *SIZES)),
    improvement.too_small(*ERRORS, ("encoder", "decoder"), (Suggestion("noise", "dim"), *SIZES)),
    improvement.trained_too_short(ERRORS[1], "the reconstruction error of held-out images", 0.02),
)
"""The rules on what would make better reconstructions."""

RULES: tuple[Rule, ...] = (
    gradients.not_finite(("encoder", "decoder")),
    *FAILING,
    gradients.dead_units(("encoder", "decoder")),
    *IMPROVING,
)
"""Of equally severe hints, the one listed first is shown first."""
