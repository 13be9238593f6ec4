"""The hints on an adversarial game, the one to be said first among equally severe ones first."""

from pipeline.families.adversarial.hints import samples, scores, swings
from pipeline.families.adversarial.hints.gradients import vanishing_generator_gradient
from pipeline.health import gradients
from pipeline.health.hint import Rule

EXPLODED = 1000.0
"""L2 norm of a network's gradient, whose loss is a mean of scores. Runs of the templates stay under 50; at 250 times
their learning rate it was 10⁵ and more."""

RULES: tuple[Rule, ...] = (
    gradients.not_finite(("discriminator", "generator")),
    gradients.exploding("D_grad_norm", ("discriminator",), EXPLODED),
    gradients.exploding("G_grad_norm", ("generator",), EXPLODED),
    samples.mode_collapse,
    vanishing_generator_gradient,
    gradients.dead_units(("generator", "discriminator")),
    scores.discriminator_wins,
    scores.discriminator_guesses,
    scores.discriminator_overfits,
    scores.critic_not_lipschitz,
    samples.images_get_worse,
    swings.oscillation,
)
