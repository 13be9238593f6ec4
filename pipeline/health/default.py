"""Default rules, for a family that declares none."""

from collections.abc import Mapping, Sequence

from pipeline.health import gradients, samples
from pipeline.health.hint import Rule


def default_rules(roles: Sequence[str], gradient_norms: Mapping[str, Sequence[str]]) -> tuple[Rule, ...]:
    """The default rules, in the order in which equally severe hints are shown.

    roles: roles of the family's networks. gradient_norms: series of a gradient norm -> roles of the networks it covers.
    """
    return (
        gradients.not_finite(roles),
        *(gradients.exploding(metric, whose) for metric, whose in gradient_norms.items()),
        gradients.dead_units(roles),
        samples.samples_get_worse(roles),
    )
