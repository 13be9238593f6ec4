"""The rule for two networks that oscillate instead of converging.

Without enough damping, the gradients of the game point around its equilibrium instead of towards it, and training
cycles for ever (Mescheder et al. 2018, arXiv 1801.04406); more momentum makes the cycles wider (Gidel et al. 2019,
arXiv 1807.04740). The rule watches the discriminator's lead, D_real − D_fake.
"""

import numpy as np

from pipeline.formatting import number
from pipeline.health.hint import Hint, Suggestion
from pipeline.health.history import Float64Array, History
from pipeline.health.trends import periodicity
from pipeline.why import Why

WINDOW_STEPS = 400
"""Number of last steps that the rule considers."""

SMOOTHED = 5
"""Length, in steps, of the moving average that removes the noise of single batches."""

NO_LEAD, GREAT_LEAD = 0.1, 0.5
"""A swing of probabilities goes from one of these leads to the other and back; healthy runs stay between them."""

SWINGS = 4
"""Smallest number of swings in the span. Fewer also occur early in healthy runs."""

LONGEST_PERIOD = WINDOW_STEPS // SWINGS

WHY = Why(
    "Two networks that learn against each other need not converge: without enough damping they circle around the "
    "equilibrium for ever. A gradient penalty on the discriminator damps this motion near the equilibrium.",
    "Mescheder et al. 2018",
    "https://arxiv.org/abs/1801.04406",
)

REGULAR = 0.6
"""Smallest autocorrelation at the period. None of 8,000 random walks and other aperiodic noise reached it."""

WIDE, WIDE_FOR_CRITICS = 0.15, 0.5
"""Smallest standard deviation of regular swings: of probabilities, and of a critic's scores relative to the mean
lead."""


def oscillation(history: History) -> Hint | None:
    """The discriminator's lead grows and vanishes repeatedly, either widely or very regularly."""
    real, fake = history.recent("D_real", WINDOW_STEPS), history.recent("D_fake", WINDOW_STEPS)
    if real is None or fake is None or len(real) != len(fake):
        return None
    lead = np.convolve(real - fake, np.ones(SMOOTHED) / SMOOTHED, "valid")
    swings = _wide_swings(lead) if history.scores == "probability" else 0
    found = periodicity(lead, LONGEST_PERIOD)
    wide = lead.std() > (WIDE if history.scores == "probability" else WIDE_FOR_CRITICS * abs(lead.mean()))
    if swings >= SWINGS:
        times, evidence = f"{swings} times", {"swings": float(swings)}
    elif found is not None and found.strength > REGULAR and wide:
        times, evidence = f"about every {found.period} steps", {"period": float(found.period)}
    else:
        return None
    low, high = (float(level) for level in np.quantile(lead, (0.05, 0.95)))
    return Hint(
        code="oscillation",
        severity="info",
        evidence=evidence | {"lowest lead": low, "highest lead": high, "steps": WINDOW_STEPS},
        text=f"In the last {WINDOW_STEPS} steps the discriminator's lead, D_real − D_fake, went from about "
        f"{number(low)} to {number(high)} and back {times}: the networks oscillate instead of converging.",
        remedy="Lower both learning rates, or the optimizers' beta1, or add a gradient penalty on the discriminator.",
        suggestions=(
            Suggestion("generator optimizer", "learning_rate"),
            Suggestion("discriminator optimizer", "learning_rate"),
            Suggestion("generator optimizer", "beta1"),
            Suggestion("discriminator optimizer", "beta1"),
            Suggestion("objective", "penalty_weight"),
        ),
        brief="the networks oscillate",
        why=WHY,
        since=history.first_of(WINDOW_STEPS),
    )


def _wide_swings(lead: Float64Array) -> int:
    """How often the lead went from NO_LEAD to GREAT_LEAD and back."""
    ends = np.where(lead <= NO_LEAD, -1, np.where(lead >= GREAT_LEAD, 1, 0))
    ends = ends[ends != 0]
    return int((np.diff(ends) != 0).sum()) // 2
