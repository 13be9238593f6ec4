"""The rule on two networks that chase each other in circles instead of coming to rest.

Without enough damping the gradients of the game point around its equilibrium and not towards it, and training goes
round it for ever (Mescheder et al. 2018, arXiv 1801.04406); the more momentum, the wider (Gidel et al. 2019, arXiv
1807.04740). What goes round is the lead of the discriminator, D_real − D_fake.
"""

import numpy as np

from pipeline.formatting import number
from pipeline.health.hint import Hint, Lever
from pipeline.health.history import Float64Array, History
from pipeline.health.trends import swing

SPAN = 400
"""Steps looked back on."""

SMOOTHED = 5
"""Steps of the moving average that takes out the chance of single batches."""

NO_LEAD, GREAT_LEAD = 0.1, 0.5
"""A swing of probabilities is a way from the one to the other and back; the lead of healthy runs stays between."""

SWINGS = 4
"""Swings in the span. Fewer are met in a healthy beginning."""

LONGEST_PERIOD = SPAN // SWINGS

REGULAR = 0.6
"""Autocorrelation at the period. Of 8,000 random walks and other noise without a period none reached it."""

WIDE, WIDE_FOR_CRITICS = 0.15, 0.5
"""Standard deviation of regular swings: of probabilities; of a critic's scores, as a share of the usual lead."""


def oscillation(history: History) -> Hint | None:
    """The discriminator's lead grows and vanishes again and again, widely or as regularly as a clock."""
    real, fake = history.recent("D_real", SPAN), history.recent("D_fake", SPAN)
    if real is None or fake is None or len(real) != len(fake):
        return None
    lead = np.convolve(real - fake, np.ones(SMOOTHED) / SMOOTHED, "valid")
    swings = _wide_swings(lead) if history.scores == "probability" else 0
    found = swing(lead, LONGEST_PERIOD)
    wide = lead.std() > (WIDE if history.scores == "probability" else WIDE_FOR_CRITICS * abs(lead.mean()))
    if swings >= SWINGS:
        times, evidence = f"{swings} times", {"swings": float(swings)}
    elif found is not None and found.strength > REGULAR and wide:
        times, evidence = f"every {found.period} steps or so", {"period": float(found.period)}
    else:
        return None
    low, high = (float(level) for level in np.quantile(lead, (0.05, 0.95)))
    return Hint(
        code="oscillation",
        severity="info",
        evidence=evidence | {"lowest lead": low, "highest lead": high, "steps": SPAN},
        text=f"In the last {SPAN} steps the discriminator's lead, D_real − D_fake, went from about {number(low)} to "
        f"{number(high)} and back {times}: the networks chase each other in circles.",
        remedy="Lower both learning rates, or the optimizers' beta1, or penalise steep scores of the discriminator.",
        levers=(
            Lever("generator optimizer", "learning_rate"),
            Lever("discriminator optimizer", "learning_rate"),
            Lever("generator optimizer", "beta1"),
            Lever("discriminator optimizer", "beta1"),
            Lever("objective", "penalty_weight"),
        ),
    )


def _wide_swings(lead: Float64Array) -> int:
    """How often the lead went from next to nothing to a great one and back to nothing."""
    ends = np.where(lead <= NO_LEAD, -1, np.where(lead >= GREAT_LEAD, 1, 0))
    ends = ends[ends != 0]
    return int((np.diff(ends) != 0).sum()) // 2
