"""The rules that every family has, and the default rules of a family that declares none."""

from collections.abc import Mapping, Sequence

from pipeline.health import gradients, improvement, samples
from pipeline.health.averages import average_too_young
from pipeline.health.changes import after_live_change, off_parents_range
from pipeline.health.hint import Rule
from pipeline.health.images import data_warnings
from pipeline.health.rates import resting


def default_rules(roles: Sequence[str], gradient_norms: Mapping[str, Sequence[str]]) -> tuple[Rule, ...]:
    """The default rules, in the order in which equally severe hints are shown.

    roles: roles of the family's networks. gradient_norms: series of a gradient norm -> roles of the networks it covers.
    """
    return (
        gradients.not_finite(roles),
        *(gradients.exploding(metric, whose) for metric, whose in gradient_norms.items()),
        gradients.dead_units(roles),
        samples.samples_get_worse(roles),
        improvement.trained_too_short(
            "energy_distance", "the energy distance of samples from real images", 0.2, samples.NOTICEABLE
        ),
    )


def rules_on_changes(roles: Sequence[str]) -> tuple[Rule, ...]:
    """The rules on what a user's change brings about, which apply to every family before its own, since what those
    find may be a consequence. roles: as for `default_rules`."""
    return (after_live_change, off_parents_range(roles))


def common_rules(roles: Sequence[str]) -> tuple[Rule, ...]:
    """The rules on what a run's workflow and its images bring about, which apply to every family after its own.
    roles: as for `default_rules`."""
    return (resting(roles), average_too_young, data_warnings)
