"""The declaration of the autoencoder family."""

from pipeline.families.autoencoder.rules import RULES
from pipeline.families.autoencoder.whys import WHYS
from pipeline.families.autoencoder.words import WORDS
from pipeline.families.family import FAMILIES, Family, Role, UpdateKind
from pipeline.runs.series import GRADIENT_NORM, LEARNING_RATE, LOSS, Chart, Series

ENCODER = "encoder"
DECODER = "decoder"
AUTOENCODER_UPDATE = "autoencoder"

RECONSTRUCTION_CHART = Chart("Reconstruction", "nats per image", 20)

WHOLE_LOSS = Series("loss", "loss of the autoencoder, in nats per image", LOSS, "orange", why=WHYS["loss"])
RECONSTRUCTION = Series(
    "reconstruction",
    "reconstruction error of a batch, in nats per image",
    RECONSTRUCTION_CHART,
    "blue",
    why=WHYS["reconstruction"],
)
KL = Series(
    "kl",
    "KL divergence of the codes from the noise, before its weight, in nats per image",
    Chart("KL divergence", "nats per image", 30),
    "purple",
    why=WHYS["kl"],
)
GRADIENT = Series(
    "grad_norm", "L2 norm of the gradient of encoder and decoder", GRADIENT_NORM, "blue", why=WHYS["grad_norm"]
)
ENCODER_RATE = Series(
    "encoder_learning_rate",
    "encoder's scheduled learning rate",
    LEARNING_RATE,
    "blue",
    why=WHYS["encoder_learning_rate"],
)
DECODER_RATE = Series(
    "decoder_learning_rate",
    "decoder's scheduled learning rate",
    LEARNING_RATE,
    "purple",
    "dashed",
    why=WHYS["decoder_learning_rate"],
)
"""Both rates are recorded if the optimizer has a schedule."""

HELD_OUT = Series(
    "held_out_reconstruction",
    "reconstruction error of held-out images, in nats per image",
    RECONSTRUCTION_CHART,
    "green",
    "dashed",
    why=WHYS["held_out_reconstruction"],
)
OF_MEAN_IMAGE = Series(
    "mean_image_error",
    "reconstruction error if each held-out image became the mean image",
    RECONSTRUCTION_CHART,
    "grey",
    "dotted",
    why=WHYS["mean_image_error"],
)
ACTIVE_UNITS = Series(
    "active_units",
    "latent dimensions that vary between images",
    Chart("Active units", "latent dimensions", 250, folded=True),
    "purple",
    why=WHYS["active_units"],
)

AUTOENCODER = FAMILIES.register(
    Family(
        name="autoencoder",
        title="Autoencoder",
        roles=(
            Role(ENCODER, "blue", "left", reads_images=True, gradient=GRADIENT.name),
            Role(DECODER, "purple", "right", gradient=GRADIENT.name),
        ),
        updates=(UpdateKind(AUTOENCODER_UPDATE),),
        series=(
            WHOLE_LOSS,
            RECONSTRUCTION,
            KL,
            GRADIENT,
            ENCODER_RATE,
            DECODER_RATE,
            HELD_OUT,
            OF_MEAN_IMAGE,
            ACTIVE_UNITS,
        ),
        words=WORDS,
        rules=RULES,
        example="mean(grad_norm, 100) < 1e-3",
        watch="mean(reconstruction, 100)",
        caution="This autoencoder has not been trained to decode noise: these images come from random codes, which "
        "belong to no real image. To generate images, train a variational autoencoder.",
    )
)
"""Its single update trains both networks together."""


def series_of_step(has_prior: bool) -> tuple[Series, ...]:
    """The series recorded at every step, except for learning rates. has_prior: whether there is a KL term."""
    return (WHOLE_LOSS, RECONSTRUCTION, *((KL,) if has_prior else ()), GRADIENT)


def series_of_checkup(has_prior: bool, held_out: bool) -> tuple[Series, ...]:
    """The series measured with every sample grid, in addition to what every family measures.

    has_prior: as in `series_of_step`. held_out: whether there are held-out images to measure.
    """
    return (*((HELD_OUT, OF_MEAN_IMAGE) if held_out else ()), *((ACTIVE_UNITS,) if has_prior else ()))
