"""Rules on gradients, of any family: what is no number any more, what has grown beyond all use, units that are dead.

Each function makes a rule for the networks of a family, named by their roles.
"""

from collections.abc import Sequence
from functools import partial

import numpy as np

from pipeline.formatting import number
from pipeline.health.hint import Hint, Lever, Rule
from pipeline.health.history import History

BURST = 100
"""Steps in which gradients explode: a run that does so seldom lasts for a whole window."""

EXPLODED = 1e5
"""L2 norm of a gradient that is too large for any loss. One that sums up an image's values may have a large one: the
template `vae` begins at 2,000 and comes to 200, and colour images of 64×64 have 16 times as many values. At ten times
its learning rate there were bursts of 10⁵ to 10¹¹. A family that knows better gives its own bound."""

GROWN, GROWN_FROM = 100.0, 100.0
"""Or: it has grown a hundredfold, and to more than is usual for a loss that is a mean."""

DEAD = 0.5
"""Share of a layer's units that never fire. Up to 0.4 is met in networks that learn, at too high a learning rate."""

ALL_DEAD = 0.99


def learning_rates(roles: Sequence[str]) -> tuple[Lever, ...]:
    """Of the optimizers of these networks, in this order."""
    return tuple(Lever(f"{role} optimizer", "learning_rate") for role in roles)


def not_finite(roles: Sequence[str]) -> Rule:
    """A number that updates make (a loss, a score, a norm), and that had values before, is NaN or infinite."""
    return partial(_not_finite, learning_rates(roles))


def _not_finite(levers: tuple[Lever, ...], history: History) -> Hint | None:
    for name in (name for name in history.trained if name in history.series):
        values = np.asarray(history.series[name], np.float64)
        # Before its first value a series had not begun.
        begun = np.maximum.accumulate(~np.isnan(values))
        bad = begun & ~np.isfinite(values)
        if bad.any():
            step = int(history.steps[np.argmax(bad)])
            return Hint(
                code="not-finite",
                severity="critical",
                evidence={"step": step},
                text=f"At step {step:,} {name} was NaN or infinite, and nothing that is computed from it can be right.",
                remedy="Go back to before that step, and lower the learning rates before going on.",
                levers=levers,
            )
    return None


def exploding(metric: str, roles: Sequence[str], exploded: float = EXPLODED) -> Rule:
    """Gradients are far too large in a tenth of the last steps or more.

    metric: the L2 norm of the gradient of these networks, together where there are several. exploded: what is far too
    large whatever came before; less where it has grown a hundredfold.
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
        remedy=f"Lower {what} gradient, or go back to before it grew and then do so.",
        levers=(*learning_rates(roles), *(Lever(f"{role} optimizer", "clip_norm") for role in roles)),
    )


def dead_units(roles: Sequence[str]) -> Rule:
    """A layer in which most units are 0 whatever the image."""
    return partial(_dead_units, (*learning_rates(roles), *(Lever(role, "slope") for role in roles)))


def _dead_units(levers: tuple[Lever, ...], history: History) -> Hint | None:
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
        remedy="Go back to before they died and lower that network's learning rate, or give it leaky rectifiers.",
        levers=levers,
    )
