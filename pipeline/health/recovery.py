"""The rule on diversity that was lost and came back, for families whose samples should be as diverse as real images."""

from functools import partial

import numpy as np

from pipeline.formatting import number
from pipeline.health.hint import Hint, Rule, Suggestion
from pipeline.health.history import History
from pipeline.health.samples import COLLAPSED
from pipeline.why import Why

GOOD = 0.7
"""Diversity before and after: usual once a run makes images."""

LOST = 0.5
"""Share of the diversity before, below which it was lost. It differs by a fifth from one checkup of 64 samples to the
next."""

WHY = Why(
    "Collapse tends to come with an opponent that is steep around a few real images, and a run that nearly collapsed "
    "is close to such a state. A penalty on the opponent's gradient keeps it flat there.",
    "Kodali et al. 2017",
    "https://arxiv.org/abs/1705.07215",
)


def near_collapse(maker: str, remedy: str, suggestions: tuple[Suggestion, ...]) -> Rule:
    """The samples' diversity fell by half or more, below `COLLAPSED`, and came back. maker: role of the network that
    makes them."""
    return partial(_near_collapse, maker, remedy, suggestions)


def _near_collapse(maker: str, remedy: str, suggestions: tuple[Suggestion, ...], history: History) -> Hint | None:
    steps, values = history.checkups("diversity")
    diversity = values[:, 0]
    # Two checkups on either side: one alone may be high or low by chance.
    if len(diversity) < 5 or (diversity[-2:] < GOOD).any():
        return None
    lowest = 2 + int(np.argmin(diversity[2:-2]))
    low, now = float(diversity[lowest]), float(diversity[-2:].mean())
    # A run that starts low and rises has not lost anything.
    reached = np.flatnonzero(diversity[:lowest] >= GOOD)
    if len(reached) < 2:
        return None
    before = float(np.median(diversity[reached[0] : lowest]))
    if low >= min(COLLAPSED, LOST * before):
        return None
    step = int(steps[lowest])
    return Hint(
        code="near-collapse",
        severity="info",
        evidence={"diversity before": before, "diversity at its lowest": low, "step": step, "diversity": now},
        text=f"The samples' diversity fell from about {number(before)} to {number(low)} at step {step:,} and is "
        f"{number(now)} again: the {maker} nearly collapsed.",
        remedy=remedy,
        suggestions=suggestions,
        brief="a near collapse",
        why=WHY,
    )
