"""Rules on gradients: what is no number any more, what has grown beyond all use, what has come to nothing."""

from functools import partial

import numpy as np

from pipeline.health.hint import Hint, Lever
from pipeline.health.history import WINDOW, History
from pipeline.wording import number

LOSSES_AND_GRADIENTS = (
    *("D_loss", "G_loss", "D_grad_norm", "G_grad_norm", "D_real", "D_fake"),
    *("loss", "reconstruction", "kl", "grad_norm"),
)

BURST = 100
"""Steps in which gradients explode: a run that does so seldom lasts for a whole window."""

EXPLODED = 1000.0
"""L2 norm of a network's gradient. Runs of the templates stay under 50; at 250 times their learning rate
it was 10⁵ and more."""

GROWN, GROWN_FROM = 100.0, 100.0
"""Or: it has grown a hundredfold, and to more than any run of the templates has."""

VANISHED = 1e-3
"""L2 norm of the generator's gradient. Runs that learn keep it above 0.04; where the discriminator's scores saturate it
falls by orders of magnitude (Arjovsky & Bottou 2017, arXiv 1701.04862)."""

DEAD = 0.5
"""Share of a layer's units that never fire. Up to 0.4 is met in networks that learn, at too high a learning rate."""

ALL_DEAD = 0.99


def not_finite(history: History) -> Hint | None:
    """A loss, a score or a gradient norm that had values before is NaN or infinite."""
    for name in (name for name in LOSSES_AND_GRADIENTS if name in history.series):
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
                levers=(
                    Lever("discriminator optimizer", "learning_rate"),
                    Lever("generator optimizer", "learning_rate"),
                    Lever("encoder optimizer", "learning_rate"),
                    Lever("decoder optimizer", "learning_rate"),
                ),
            )
    return None


def _exploding(name: str, role: str, optimizer: str, history: History) -> Hint | None:
    """A network's gradients are far too large in a tenth of the last steps or more."""
    latest = history.recent(name, BURST)
    if latest is None:
        return None
    norm = float(np.quantile(latest, 0.9))
    earlier = history.recent(name, 2 * BURST)
    before = float(np.median(earlier[:BURST])) if earlier is not None else norm
    if norm <= EXPLODED and not (norm > GROWN_FROM and norm > GROWN * before):
        return None
    evidence = {name: norm, "steps": BURST} | ({} if norm > EXPLODED else {f"{name} before": before})
    compared = "" if norm > EXPLODED else f", after {number(before)} in the {BURST} steps before"
    return Hint(
        code=f"exploding-{role}-gradients",
        severity="critical",
        evidence=evidence,
        text=f"In a tenth of the last {BURST} steps the {role}'s gradient norm was over {number(norm)}{compared}: "
        "its updates overshoot.",
        remedy=f"Lower the {role}'s learning rate or clip its gradient, or go back to before it grew and then do so.",
        levers=(Lever(optimizer, "learning_rate"), Lever(optimizer, "clip_norm")),
    )


exploding_discriminator = partial(_exploding, "D_grad_norm", "discriminator", "discriminator optimizer")
exploding_generator = partial(_exploding, "G_grad_norm", "generator", "generator optimizer")


def vanishing_generator_gradient(history: History) -> Hint | None:
    """The generator's gradient is next to nothing, and has been all through the window."""
    quarters = history.quarters("G_grad_norm")
    if quarters is None or (quarters >= VANISHED).any():
        return None
    norm = float(np.median(quarters))
    return Hint(
        code="vanishing-generator-gradient",
        severity="critical",
        evidence={"G_grad_norm": norm, "steps": WINDOW},
        text=f"Over the last {WINDOW} steps the generator's gradient norm was about {number(norm)}: "
        "it is told nothing that it could learn from.",
        remedy="Hold the discriminator back with a lower learning rate or fewer updates in a step, or go back to where "
        "the generator still learned.",
        levers=(
            Lever("discriminator optimizer", "learning_rate"),
            Lever("training", "discriminator_updates"),
            Lever("discriminator", "dropout"),
            Lever("objective", "penalty_weight"),
        ),
    )


def dead_units(history: History) -> Hint | None:
    """A layer in which most units are 0 whatever the image."""
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
        levers=(
            Lever("generator optimizer", "learning_rate"),
            Lever("discriminator optimizer", "learning_rate"),
            Lever("encoder optimizer", "learning_rate"),
            Lever("decoder optimizer", "learning_rate"),
            Lever("generator", "slope"),
            Lever("discriminator", "slope"),
            Lever("encoder", "slope"),
            Lever("decoder", "slope"),
        ),
    )
