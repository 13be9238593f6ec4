"""The declaration of the adversarial family. Penalties and other nodes declare their own series."""

from pipeline.families.adversarial.rules import RULES
from pipeline.families.adversarial.whys import WHYS
from pipeline.families.adversarial.words import WORDS
from pipeline.families.family import FAMILIES, Family, Role, UpdateKind
from pipeline.runs.series import GRADIENT_NORM, LEARNING_RATE, LOSS, Chart, Series

GENERATOR = "generator"
DISCRIMINATOR = "discriminator"

SCORE = Chart("Discriminator score", "mean score", 40, linear=True)
SCORE_AT_REST = Chart("Scores in eval mode", "mean score", 220, folded=True, linear=True)
PENALTY = Chart("Penalty", "penalty", 70)

STEP = (
    Series("D_loss", "discriminator's loss", LOSS, "blue", why=WHYS["D_loss"]),
    Series("G_loss", "generator's loss", LOSS, "purple", "dashed", why=WHYS["G_loss"]),
    Series("D_real", "mean score of real images", SCORE, "green", why=WHYS["D_real"]),
    Series("D_fake", "mean score of generated images", SCORE, "purple", "dashed", why=WHYS["D_fake"]),
    Series("D_grad_norm", "L2 norm of the discriminator's gradient", GRADIENT_NORM, "blue", why=WHYS["D_grad_norm"]),
    Series(
        "G_grad_norm", "L2 norm of the generator's gradient", GRADIENT_NORM, "purple", "dashed", why=WHYS["G_grad_norm"]
    ),
)
"""The series of every GAN at every step; penalties and schedules add theirs."""

D_RATE = Series(
    "D_learning_rate", "discriminator's scheduled learning rate", LEARNING_RATE, "blue", why=WHYS["D_learning_rate"]
)
G_RATE = Series(
    "G_learning_rate",
    "generator's scheduled learning rate",
    LEARNING_RATE,
    "purple",
    "dashed",
    why=WHYS["G_learning_rate"],
)
"""Recorded if the optimizer has a schedule."""

HELD_OUT = Series(
    "D_held_out", "mean score of held-out images in eval mode", SCORE_AT_REST, "green", "dashed", why=WHYS["D_held_out"]
)
"""Measured if images are held out."""

CHECKUP = (
    Series("D_train", "mean score of training images in eval mode", SCORE_AT_REST, "blue", why=WHYS["D_train"]),
    HELD_OUT,
    Series(
        "r_t",
        "mean sign of the scores of training images",
        Chart("Overfitting", "mean sign of scores", 230, folded=True, linear=True),
        "blue",
        why=WHYS["r_t"],
    ),
)
"""Measured with every sample grid, in addition to what every family measures."""

ADVERSARIAL = FAMILIES.register(
    Family(
        name="adversarial",
        title="Adversarial game",
        roles=(
            Role(DISCRIMINATOR, "blue", "left", reads_images=True, gradient="D_grad_norm"),
            Role(GENERATOR, "purple", "right", gradient="G_grad_norm"),
        ),
        updates=(UpdateKind(DISCRIMINATOR, "d_updates"), UpdateKind(GENERATOR, "g_updates")),
        series=(*STEP, D_RATE, G_RATE, *CHECKUP),
        words=WORDS,
        rules=RULES,
        example="D_real > 0.95",
        watch="mean(D_real - D_fake, 100)",
    )
)


def series_of_checkup(held_out: bool) -> tuple[Series, ...]:
    """The series measured with every sample grid. held_out: whether there are held-out images to measure."""
    return CHECKUP if held_out else tuple(series for series in CHECKUP if series is not HELD_OUT)
