"""Every rule asked of a run's history."""

from collections.abc import Callable

import numpy as np

from pipeline.health import codes, gradients, samples, scores, swings
from pipeline.health.hint import SEVERITIES, Hint
from pipeline.health.history import History

RULES: tuple[Callable[[History], Hint | None], ...] = (
    gradients.not_finite,
    gradients.exploding_discriminator,
    gradients.exploding_generator,
    codes.posterior_collapse,
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
"""Among equally severe hints the first stands first: what is further down is often a consequence of it."""


def hints(history: History) -> tuple[Hint, ...]:
    """What the history shows, the most severe first; () where all is well, or where it is too short to judge.

    Pure: the same history gives the same hints. Values may be anything; what is not finite is left out, or is a hint.
    """
    # Values from anywhere may overflow in a mean; a rule then sees an infinity and says nothing of it.
    with np.errstate(all="ignore"):
        found = [hint for rule in RULES if (hint := rule(history)) is not None]
    return tuple(sorted(found, key=lambda hint: SEVERITIES.index(hint.severity)))
