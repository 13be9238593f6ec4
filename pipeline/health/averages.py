"""The rule on averaged weights that are too young, for any family."""

from pipeline.formatting import number
from pipeline.health.hint import Hint, Suggestion
from pipeline.health.history import WARM_UP, History
from pipeline.why import Why

WHY = Why(
    "Samples are made with a moving average of the weights, which usually makes better images than the latest weights. "
    "Until the run is some half-lives old, the average still contains the untrained weights it began with.",
    "Yazıcı et al. 2019",
    "https://arxiv.org/abs/1806.04498",
)


def average_too_young(history: History) -> Hint | None:
    """The half-life of the averaged weights is longer than the run so far, so that samples lag behind."""
    halflife, begun = history.facts.average_halflife, history.facts.phase_begun
    step = history.step - begun
    if not WARM_UP < step < halflife:
        return None
    total = history.facts.total_steps
    never = total is not None and total - begun < halflife
    untrained = 0.5 ** (step / halflife)
    phase = " of this phase" if begun else ""
    planned = f", and the plan ends at step {total:,}" if never else ""
    return Hint(
        code="average-too-young",
        severity="warning" if never else "info",
        evidence={"half-life": halflife, "step": step, "untrained": untrained}
        | ({"planned steps": float(total)} if never and total else {}),
        text=f"After {step:,} steps{phase} a share of {number(untrained)} of the averaged weights is still that of the "
        f"untrained networks, since their half-life is {number(halflife)} steps{planned}: samples lag behind.",
        remedy="Shorten the EMA half-life, or give it a ramp-up, in a new run or a fork.",
        suggestions=(Suggestion("training", "ema_halflife_images"), Suggestion("training", "ema_rampup")),
        brief="samples lag behind",
        why=WHY,
    )
