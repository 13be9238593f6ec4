"""The declaration of the diffusion family."""

from pipeline.colours import Colour, Dash
from pipeline.families.diffusion.options import OPTIONS, PATH
from pipeline.families.diffusion.rules import RULES
from pipeline.families.diffusion.whys import WHYS
from pipeline.families.diffusion.words import WORDS
from pipeline.families.family import FAMILIES, Family, Role, UpdateKind
from pipeline.runs.series import LEARNING_RATE, Chart, Series

DENOISER = "denoiser"
DENOISER_UPDATE, DENOISER_COUNTER = "denoiser", "denoiser_updates"

DENOISING_LOSS = Chart("Denoising loss", "squared error", 15, losses=True)
"""Not with other losses: in latent diffusion, the autoencoder's are hundreds of times as large."""
WHOLE_LOSS = Series(
    "denoising_loss", "weighted squared error of the predictions", DENOISING_LOSS, "orange", why=WHYS["loss"]
)
DENOISER_GRADIENT = Chart("Gradient norm of the denoiser", "L2 norm", 50)
"""Not with other norms, for the same reason."""
GRADIENT = Series(
    "denoiser_grad_norm", "L2 norm of the gradient of the denoiser", DENOISER_GRADIENT, "blue", why=WHYS["grad_norm"]
)
RATE = Series(
    "denoiser_learning_rate",
    "denoiser's scheduled learning rate",
    LEARNING_RATE,
    "orange",
    "dotted",
    why=WHYS["learning_rate"],
)
"""Recorded if the optimizer has a schedule."""

BY_TIME = Chart("Loss by time", "squared error of held-out images", 20)


def _band(first: int, last: int, colour: Colour, dash: Dash) -> Series:
    """The held-out loss at times from `first` to `last` hundredths."""
    return Series(
        f"loss_{first:03d}_{last:03d}",
        f"error of held-out images at times from {first / 100:g} to {last / 100:g}",
        BY_TIME,
        colour,
        dash,
        why=WHYS["loss by time"],
    )


BANDS = (
    _band(0, 25, "blue", "solid"),
    _band(25, 50, "green", "dashed"),
    _band(50, 75, "orange", "dotted"),
    _band(75, 100, "purple", "dash-dot"),
)
"""The held-out loss by band of t, from nearly clean images to nearly only noise."""

LATENTS = Chart("Deviation of latents", "standard deviation", 245, folded=True)
DEVIATIONS = (
    Series("latent_deviation", "of the latents of held-out images", LATENTS, "blue", why=WHYS["latent_deviation"]),
    Series(
        "latent_deviation_least",
        "of the channel that varies least",
        LATENTS,
        "grey",
        "dotted",
        why=WHYS["latent_deviation"],
    ),
    Series(
        "latent_deviation_most",
        "of the channel that varies most",
        LATENTS,
        "grey",
        "dashed",
        why=WHYS["latent_deviation"],
    ),
)
"""How much latents vary, if the denoiser learns those. They are scaled so that it is 1 for all training images."""
GUIDED = Series(
    "guided_deviation",
    "how far guided estimates are from the mean image, relative to held-out images",
    Chart("Guidance", "relative to images", 240, folded=True),
    "purple",
    why=WHYS["guided_deviation"],
)
"""Recorded if samples are guided."""

DIFFUSION = FAMILIES.register(
    Family(
        name="diffusion",
        title="Diffusion",
        roles=(Role(DENOISER, "amber", "middle", gradient=GRADIENT.name),),
        updates=(UpdateKind(DENOISER_UPDATE, DENOISER_COUNTER),),
        series=(WHOLE_LOSS, GRADIENT, RATE, *BANDS, *DEVIATIONS, GUIDED),
        words=WORDS,
        rules=RULES,
        example="mean(denoiser_grad_norm, 100) < 1e-3",
        watch="mean(denoising_loss, 200)",
        options=OPTIONS,
        path=PATH,
    )
)
