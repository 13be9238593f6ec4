"""The rule on learning rates that are 0 by their schedules, for any family."""

from collections.abc import Sequence
from functools import partial

import numpy as np

from pipeline.formatting import listed, number
from pipeline.health.hint import Hint, Rule, Suggestion
from pipeline.health.history import History

STEADY = 10
"""Number of last steps in which a rate must not have changed: the last steps of a decay to 0 do."""

SMALL, TINY = 1e-4, 1e-9
"""A rate is nearly 0 below SMALL of its largest recorded value, or below TINY: optimizers take at least 1e-7."""


def resting(roles: Sequence[str]) -> Rule:
    """Learning rates have been 0, or nearly, for the last steps. roles: of the networks, for the suggestions."""
    optimizers = [f"{role} optimizer" for role in roles]
    return partial(
        _resting,
        tuple(Suggestion(role, name) for role in optimizers for name in ("end_factor", "step_factor")),
    )


def _resting(suggestions: tuple[Suggestion, ...], history: History) -> Hint | None:
    found = {name: rate for name in history.rates if (rate := _resting_at(name, history)) is not None}
    if not found:
        return None
    rates = listed(f"{name} {number(rate)}" for name, rate in found.items())
    what = "nothing is trained any more" if len(found) == len(history.rates) else "its network is not trained any more"
    return Hint(
        code="learning-rate-zero",
        severity="warning",
        evidence={**found, "steps": STEADY},
        text=f"For at least the last {STEADY} steps the schedule has kept {rates}: {what}.",
        remedy="Raise the end factor (or the step factor) of the schedule, or fork the run with more total steps.",
        suggestions=suggestions,
    )


def _resting_at(name: str, history: History) -> float | None:
    """The rate at which this series rests; None if it does not."""
    values = np.asarray(history.series.get(name, ()), np.float64)
    latest = values[-STEADY:]
    if len(latest) < STEADY or not np.isfinite(latest).all() or np.ptp(latest) > 0:
        return None
    rate = float(latest[-1])
    return rate if rate < max(TINY, SMALL * float(np.nanmax(values))) else None
