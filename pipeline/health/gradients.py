"""Rules on gradients for any family: non-finite values, exploding gradients, dead units.

Each function makes a rule for the networks of a family, named by their roles.
"""

from collections.abc import Sequence
from functools import partial

import numpy as np

from pipeline.formatting import number
from pipeline.health.hint import Hint, Rule, Suggestion
from pipeline.health.history import History
from pipeline.why import Why

BURST = 100
"""Last steps that are searched for exploding gradients: such a run seldom lasts for a whole window."""

EXPLODED = 1e5
"""L2 norm of a gradient that is too large for any loss. A loss summed over an image's values has large gradients: the
template `vae` starts at 2,000 and falls to 200, and colour images of 64×64 have 16 times as many values. At ten times
its learning rate there were bursts of 10⁵ to 10¹¹. A family may set its own bound."""

GROWN, GROWN_FROM = 100.0, 100.0
"""A gradient norm has also exploded if it has grown by a factor GROWN to more than GROWN_FROM, which is more than is
usual for a loss that is a mean."""

DEAD = 0.5
"""Share of a layer's units that never fire. Up to 0.4 was seen in networks that still learn, at too high a learning
rate."""

ALL_DEAD = 0.99

WHY_FINITE = Why(
    "Whatever is computed from a NaN is NaN, so a single one in a loss reaches every weight at the next update. The "
    "run cannot recover by itself: only a step from before it is sound.",
    "Goldberg 1991",
    "https://docs.oracle.com/cd/E19957-01/806-3568/ncg_goldberg.html",
)
WHY_EXPLODING = Why(
    "Where the loss has a steep wall, a gradient is so large that one update throws the weights far away from what "
    "they had learned. Scaling a too large gradient down keeps its direction and bounds the step.",
    "Pascanu et al. 2013",
    "https://arxiv.org/abs/1211.5063",
)
WHY_DEAD = Why(
    "A unit with a ReLU that is 0 for every image has a gradient of 0, so training can never change it again. If all "
    "units of a layer die, nothing before it is trained either.",
    "Lu et al. 2020",
    "https://arxiv.org/abs/1903.06733",
)


def learning_rates(roles: Sequence[str]) -> tuple[Suggestion, ...]:
    """The learning rates of these networks' optimizers, in this order."""
    return tuple(Suggestion(f"{role} optimizer", "learning_rate") for role in roles)


def not_finite(roles: Sequence[str]) -> Rule:
    """A series measured in updates (a loss, a score, a norm) is NaN or infinite after its first value."""
    return partial(_not_finite, learning_rates(roles))


def _not_finite(suggestions: tuple[Suggestion, ...], history: History) -> Hint | None:
    for name in (name for name in history.trained if name in history.series):
        values = np.asarray(history.series[name], np.float64)
        # NaN before the first value is not a fault.
        begun = np.maximum.accumulate(~np.isnan(values))
        bad = begun & ~np.isfinite(values) & ~history.gaps(name)
        if bad.any():
            step = int(history.steps[np.argmax(bad)])
            return Hint(
                code="not-finite",
                severity="critical",
                evidence={"step": step},
                text=f"At step {step:,} {name} was NaN or infinite, so everything computed from it is wrong.",
                remedy="Go back to before that step, and lower the learning rates before you continue.",
                suggestions=suggestions,
                brief=f"{name} is not finite",
                why=WHY_FINITE,
                since=step,
            )
    return None


def exploding(metric: str, roles: Sequence[str], exploded: float = EXPLODED) -> Rule:
    """Gradients are far too large in at least a tenth of the last steps.

    metric: series of the L2 norm of these networks' gradient, joint if there are several. exploded: a norm above this
    is too large in any case, a smaller one if it has grown a hundredfold.
    """
    return partial(_exploding, metric, tuple(roles), exploded)


def _exploding(name: str, roles: tuple[str, ...], exploded: float, history: History) -> Hint | None:
    latest = history.recent(name, BURST)
    if latest is None:
        return None
    norm = float(np.quantile(latest, 0.9))
    earlier = history.recent(name, 2 * BURST)
    before = float(np.median(earlier[:BURST])) if earlier is not None else norm
    if norm <= exploded and not (norm > GROWN_FROM and norm > GROWN * before):
        return None
    evidence = {name: norm, "steps": BURST} | ({} if norm > exploded else {f"{name} before": before})
    compared = "" if norm > exploded else f", after {number(before)} in the {BURST} steps before"
    if len(roles) == 1:
        whose, theirs, what = f"the {roles[0]}'s gradient norm", "its", f"the {roles[0]}'s learning rate or clip its"
    else:
        whose, theirs = f"the gradient norm of {' and '.join(roles)} together", "their"
        what = "their learning rates or clip their"
    return Hint(
        code="-".join(("exploding", *"-and-".join(roles).split(), "gradients")),
        severity="critical",
        evidence=evidence,
        text=f"In a tenth of the last {BURST} steps {whose} was over {number(norm)}{compared}: "
        f"{theirs} updates overshoot.",
        remedy=f"Lower {what} gradient, or go back to before it grew and do it there.",
        suggestions=(*learning_rates(roles), *(Suggestion(f"{role} optimizer", "clip_norm") for role in roles)),
        brief="gradients explode",
        why=WHY_EXPLODING,
        since=history.first_of(BURST),
    )


def dead_units(roles: Sequence[str]) -> Rule:
    """Most units of a layer are 0 for every image."""
    return partial(_dead_units, (*learning_rates(roles), *(Suggestion(role, "slope") for role in roles)))


def _dead_units(suggestions: tuple[Suggestion, ...], history: History) -> Hint | None:
    found = history.last_checkups("dead_units")
    if found is None or (found < DEAD).any():
        return None
    share = float(found[-1, 0])
    return Hint(
        code="dead-layer",
        severity="critical" if share > ALL_DEAD else "warning",
        evidence={"dead_units": share, "checkups": len(found)},
        text=f"In one layer a share of {number(share)} of the units is 0 for every image, at each of the last "
        f"{len(found)} checkups: they get no gradient and do nothing.",
        remedy="Go back to before they died and lower that network's learning rate, or give it leaky ReLUs.",
        suggestions=suggestions,
        brief="a layer is dead",
        why=WHY_DEAD,
        since=history.first_of(),
    )
