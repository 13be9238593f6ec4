"""The rule on learning rates that are 0 by their schedules, for any family."""

from collections.abc import Sequence
from functools import partial

import numpy as np

from pipeline.formatting import counted, listed, number
from pipeline.health.hint import Hint, Rule, Suggestion
from pipeline.health.history import History
from pipeline.why import Why

STEADY = 10
"""Number of last steps in which a rate must not have changed: the last steps of a decay to 0 do."""

SMALL, TINY = 1e-4, 1e-9
"""A rate is nearly 0 below SMALL of its largest recorded value, or below TINY: optimizers take at least 1e-7."""

WHY = Why(
    "A schedule lowers the learning rate so that weights settle at the end of the plan. Once the rate is 0, every "
    "update is 0 too: further steps cost time and change nothing.",
    "Loshchilov & Hutter 2017",
    "https://arxiv.org/abs/1608.03983",
)


def resting(roles: Sequence[str]) -> Rule:
    """Learning rates have been 0, or nearly, for the last steps, and steps remain in the plan. roles: of the networks,
    for the suggestions."""
    optimizers = [f"{role} optimizer" for role in roles]
    return partial(
        _resting,
        tuple(Suggestion(role, name) for role in optimizers for name in ("end_factor", "step_factor")),
    )


def _resting(suggestions: tuple[Suggestion, ...], history: History) -> Hint | None:
    found = {name: rate for name in history.rates if (rate := _resting_at(name, history)) is not None}
    left = None if history.facts.total_steps is None else history.facts.total_steps - history.step
    if not found or (left is not None and left <= 0):
        return None
    rates = listed(f"{name} {number(rate)}" for name, rate in found.items())
    what = "nothing is trained any more" if len(found) == len(history.rates) else "its network is not trained any more"
    remaining = "" if left is None else f", while {counted(left, 'step')} of the plan remain{'s' if left == 1 else ''}"
    return Hint(
        code="learning-rate-zero",
        severity="warning",
        evidence={**found, "steps": STEADY} | ({} if left is None else {"steps left": left}),
        text=f"For at least the last {STEADY} steps the schedule has kept {rates}{remaining}: {what}.",
        remedy="Raise the end factor (or the step factor) of the schedule, or fork the run with more total steps.",
        suggestions=suggestions,
        brief="learning rate is 0",
        why=WHY,
    )


def _resting_at(name: str, history: History) -> float | None:
    """The rate at which this series rests; None if it does not."""
    values = np.asarray(history.series.get(name, ()), np.float64)
    latest = values[-STEADY:]
    if len(latest) < STEADY or not np.isfinite(latest).all() or np.ptp(latest) > 0:
        return None
    rate = float(latest[-1])
    return rate if rate < max(TINY, SMALL * float(np.nanmax(values))) else None
