"""Rules for samples: mode collapse, near or complete, images that get worse while the generator's loss falls, and
images that would still get better."""

from pipeline.health import improvement, recovery, samples
from pipeline.health.hint import Suggestion

mode_collapse = samples.mode_collapse(
    "generator",
    remedy="Go back to a step at which samples still differed and continue with lower learning rates, or with a "
    "gradient penalty on the discriminator.",
    suggestions=(
        Suggestion("objective", "penalty_weight"),
        Suggestion("generator optimizer", "learning_rate"),
        Suggestion("discriminator optimizer", "learning_rate"),
        Suggestion("generator optimizer", "beta1"),
    ),
)
"""Samples are less than half as varied as real images at every checkup, and not improving."""

near_collapse = recovery.near_collapse(
    "generator",
    remedy="Save a checkpoint now, and lower the learning rates or penalise the discriminator's gradient, before it "
    "collapses for good.",
    suggestions=(
        Suggestion("objective", "penalty_weight"),
        Suggestion("generator optimizer", "learning_rate"),
        Suggestion("discriminator optimizer", "learning_rate"),
    ),
)
"""The samples' diversity fell by half or more and came back."""

trained_too_short = improvement.trained_too_short(
    "energy_distance", "the energy distance of samples from real images", 0.2, samples.NOTICEABLE
)
"""At the end of the plan the energy distance was still falling."""

images_get_worse = samples.worse_while_loss_falls(
    "G_loss",
    "generator",
    reason="it fools a discriminator that no longer sees what is wrong",
    remedy="Go back to the step with the lowest energy distance, and give the discriminator a higher learning rate or "
    "more updates per step.",
    suggestions=(
        Suggestion("discriminator optimizer", "learning_rate"),
        Suggestion("training", "discriminator_updates"),
        Suggestion("generator optimizer", "learning_rate"),
    ),
)
"""The generator's loss falls while its images move away from real ones, both by more than chance explains."""
