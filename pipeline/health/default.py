"""The rules that fit any family, for one that has none of its own."""

from collections.abc import Mapping, Sequence

from pipeline.health import gradients, samples
from pipeline.health.hint import Rule


def default_rules(roles: Sequence[str], gradient_norms: Mapping[str, Sequence[str]]) -> tuple[Rule, ...]:
    """roles: of the family's networks. gradient_norms: series of the norm of a gradient -> roles it is the gradient of.

    The rule to be said first among equally severe ones first.
    """
    return (
        gradients.not_finite(roles),
        *(gradients.exploding(metric, whose) for metric, whose in gradient_norms.items()),
        gradients.dead_units(roles),
        samples.worse(roles),
    )
