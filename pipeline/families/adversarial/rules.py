"""The health rules of GANs. Of equally severe hints, the one listed first is shown first."""

from pipeline.families.adversarial.hints import generalisation, oscillation, samples, scores
from pipeline.families.adversarial.hints.gradients import vanishing_generator_gradient
from pipeline.families.adversarial.hints.penalties import penalised_batch_norm
from pipeline.health import gradients
from pipeline.health.hint import Rule

EXPLODED = 1000.0
"""L2 norm of a network's gradient above which it has exploded, for losses that are a mean over scores. Runs of the
templates stay under 50; at 250 times their learning rate it was 10⁵ and more."""

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
    penalised_batch_norm,
    samples.near_collapse,
    oscillation.oscillation,
    generalisation.too_few_images,
    generalisation.networks_too_small,
    samples.trained_too_short,
)
