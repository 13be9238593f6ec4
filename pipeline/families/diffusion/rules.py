"""The health rules of diffusion models: bands of times that are not learned, latents that vary too much or too little,
guidance that saturates, and the rules for any network."""

import numpy as np

from pipeline.formatting import number
from pipeline.health import gradients
from pipeline.health.hint import Hint, Rule, Suggestion
from pipeline.health.history import History
from pipeline.health.spread import CERTAIN, TREND, spread_checkups
from pipeline.health.trends import mann_kendall, theil_sen
from pipeline.why import Why

BANDS = {
    "loss_000_025": "0 to 0.25",
    "loss_025_050": "0.25 to 0.5",
    "loss_050_075": "0.5 to 0.75",
    "loss_075_100": "0.75 to 1",
}
"""The held-out loss of each band -> its times."""

FALLS, STANDS = 0.1, 0.01
"""Relative falls along its trend of a band that is learned and of one that is not. In the 500 steps up to step 700 of
the denoiser, the bands of the template `latent-diffusion` fell by 10 to 22 %, those of `flow` by 17 to 32 %. Later all
fall more slowly, so that a band that has nothing left to learn raises no hint."""

LEAST, MOST = 0.5, 2.0
"""Deviations of a channel of latents outside of which noise hides it at times that are far from those of the others: by
a factor of four in the signal-to-noise ratio. The template `latent-diffusion` has 0.94 to 1.06."""

OVERALL = 1.25
"""Factor by which all held-out latents together may differ from 1. There are enough of them that chance makes a few
hundredths: the template has 1.005."""

SATURATED = 2.0
"""Relative distance of guided estimates from the mean image, at times from 0.75, that no image explains. The template
`latent-diffusion` has 0.5 without guidance, 1.3 with a guidance of 3 and 2.7 with 6."""

WHY_BAND = Why(
    "One network learns all times, and those with larger errors or weights, or that are drawn more often, get most of "
    "it. Samples lack what is decided at times that are left out: the layout late, the detail early.",
    "Hang et al. 2023",
    "https://arxiv.org/abs/2303.09556",
)
WHY_LATENTS = Why(
    "The noise has deviation 1. It hides latents that vary less already at early times, and hardly hides those that "
    "vary more, so that the denoiser spends most times on what is trivial or hopeless.",
    "Rombach et al. 2022",
    "https://arxiv.org/abs/2112.10752",
)
WHY_GUIDANCE = Why(
    "Guidance multiplies the difference that the class makes, which moves images away from any that training has seen. "
    "With too much of it they get more contrast than real ones have, and become alike.",
    "Lin et al. 2023",
    "https://arxiv.org/abs/2305.08891",
)


def band_not_learned(history: History) -> Hint | None:
    """The held-out loss of one band of times stands still or rises while that of every other band falls."""
    steps, table = spread_checkups(history, *BANDS)
    if len(steps) <= TREND:
        return None
    curves = table[1:].T
    ends = [theil_sen(curve) for curve in curves]
    falls = np.array([(before - now) / abs(before) if before else 0.0 for before, now in ends])
    certain = np.array([mann_kendall(curve) <= -CERTAIN for curve in curves])
    learned = certain & (falls >= FALLS)
    (left,) = np.nonzero(~learned)
    if len(left) != 1 or falls[left[0]] >= STANDS:
        return None
    name, times = list(BANDS.items())[left[0]]
    before, now = ends[left[0]]
    least = float(falls[learned].min())
    return Hint(
        code="band-not-learned",
        severity="warning",
        evidence={f"{name} before": before, name: now, "least fall of others": least, "checkups": TREND},
        text=f"Over the last {TREND} checkups the error of held-out images at times from {times} went from "
        f"{number(before)} to {number(now)} while that of all other times fell by a share of {number(least)} or more: "
        "the denoiser does not learn these times.",
        remedy="Draw times uniformly, or choose uniform weights or another prediction, such as v or the velocity of "
        "flow matching.",
        suggestions=tuple(Suggestion("objective", each) for each in ("times", "weight", "prediction")),
        brief="a band of times is not learned",
        why=WHY_BAND,
        since=int(steps[1]),
    )


def latents_off_scale(history: History) -> Hint | None:
    """Held-out latents, or one of their channels, have a standard deviation far from 1."""
    steps, table = history.checkups("latent_deviation", "latent_deviation_least", "latent_deviation_most")
    if not len(steps):
        return None
    overall, least, most = (float(value) for value in table[-1])
    off = not 1 / OVERALL <= overall <= OVERALL
    if not off and least >= LEAST and most <= MOST:
        return None
    if off:
        seen = "the encoder sees held-out images otherwise than the training images whose latents were scaled to 1"
    else:
        seen = "some channels are hidden by noise long before others"
    return Hint(
        code="latents-off-scale",
        severity="warning",
        evidence={
            "latent_deviation": overall,
            "latent_deviation_least": least,
            "latent_deviation_most": most,
        },
        text=f"The latents of held-out images have a deviation of {number(overall)}, their channels from "
        f"{number(least)} to {number(most)}: {seen}.",
        remedy="Train the autoencoder for longer, with more images if the deviation of all is off, or change the KL "
        "weight or the number of code channels if some channels hardly vary, in a new run.",
        suggestions=(
            Suggestion("training", "autoencoder_steps"),
            Suggestion("objective", "beta"),
            Suggestion("encoder", "code_channels"),
        ),
        brief="latents are off scale",
        why=WHY_LATENTS,
    )


def guidance_saturates(history: History) -> Hint | None:
    """Guided estimates have been much further from the mean image than images are, at every last checkup."""
    found = history.last_checkups("guided_deviation")
    if found is None or (found <= SATURATED).any():
        return None
    deviation = float(np.median(found))
    return Hint(
        code="guidance-saturates",
        severity="warning",
        evidence={"guided_deviation": deviation, "checkups": len(found)},
        text=f"At the last {len(found)} checkups guided estimates were {number(deviation)} times as far from the mean "
        "image as images are, which no mixture of images is: samples have too much contrast and are too alike.",
        remedy="Lower the guidance of the sampling node, in a fork or on the page Generate.",
        suggestions=(Suggestion("sampling", "guidance"),),
        brief="guidance saturates",
        why=WHY_GUIDANCE,
    )


OWN: tuple[Rule, ...] = (
    gradients.exploding("denoiser_grad_norm", ("denoiser",)),
    latents_off_scale,
    band_not_learned,
    guidance_saturates,
)
"""The rules that only a denoiser has."""

RULES: tuple[Rule, ...] = (gradients.not_finite(("denoiser",)), *OWN, gradients.dead_units(("denoiser",)))
"""Of equally severe hints, the one listed first is shown first."""
