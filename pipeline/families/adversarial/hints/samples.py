"""Rules on samples: the generator makes a few images over and over, or pleases a discriminator that sees too little."""

from pipeline.health import samples
from pipeline.health.hint import Lever

mode_collapse = samples.all_alike(
    "generator",
    remedy="From a step at which samples still differed, go on with lower learning rates, or with a penalty on "
    "steep scores of the discriminator.",
    levers=(
        Lever("objective", "penalty_weight"),
        Lever("generator optimizer", "learning_rate"),
        Lever("discriminator optimizer", "learning_rate"),
        Lever("generator optimizer", "beta1"),
    ),
)
"""A game's samples are less than half as varied as real images at every checkup, and not getting better."""

images_get_worse = samples.worse_while_loss_falls(
    "G_loss",
    "generator",
    reason="it pleases a discriminator that no longer sees what is wrong",
    remedy="Go back to where the energy distance was lowest, and give the discriminator a higher learning rate or "
    "more updates in a step.",
    levers=(
        Lever("discriminator optimizer", "learning_rate"),
        Lever("training", "discriminator_updates"),
        Lever("generator optimizer", "learning_rate"),
    ),
)
"""The generator's loss falls while its images move away from real ones, both beyond what chance does."""
