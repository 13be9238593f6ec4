"""The hints on an adversarial game, the one to be said first among equally severe ones first."""

from pipeline.health import gradients, samples, scores, swings
from pipeline.health.hint import Rule

RULES: tuple[Rule, ...] = (
    gradients.not_finite,
    gradients.exploding_discriminator,
    gradients.exploding_generator,
    samples.mode_collapse,
    gradients.vanishing_generator_gradient,
    gradients.dead_units,
    scores.discriminator_wins,
    scores.discriminator_guesses,
    scores.discriminator_overfits,
    scores.critic_not_lipschitz,
    samples.images_get_worse,
    swings.oscillation,
)
