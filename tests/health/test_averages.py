"""The hint on averaged weights that are younger than their half-life."""

from dataclasses import replace

import pytest

from pipeline.health.averages import average_too_young
from pipeline.health.facts import Facts
from tests.health.made_up import codes_of, only_hint


def history(run, steps, **facts):
    return replace(run(steps=steps), facts=Facts(**facts))


def test_a_half_life_longer_than_the_run_so_far_is_told_with_the_share_of_untrained_weights(run):
    hint = only_hint(
        history(run, 300, average_halflife=600, total_steps=3000), [average_too_young], "average-too-young"
    )
    assert hint.severity == "info" and hint.evidence["untrained"] == pytest.approx(0.5**0.5)
    assert "After 300 steps a share of 0.7071 of the averaged weights" in hint.text


def test_a_half_life_longer_than_the_plan_is_a_warning(run):
    hint = only_hint(history(run, 300, average_halflife=600, total_steps=500), [average_too_young], "average-too-young")
    assert hint.severity == "warning" and "the plan ends at step 500" in hint.text


@pytest.mark.parametrize(("steps", "halflife"), [(300, 0), (300, 78), (600, 600), (100, 600)])
def test_an_older_run_none_at_all_and_the_first_steps_give_no_hint(run, steps, halflife):
    assert codes_of(history(run, steps, average_halflife=halflife), [average_too_young]) == []


def test_averages_of_a_later_phase_are_as_old_as_the_phase(run):
    old = history(run, 800, average_halflife=400, total_steps=3000)
    assert codes_of(old, [average_too_young]) == []
    young = history(run, 800, average_halflife=400, total_steps=3000, phase_begun=600)
    hint = only_hint(young, [average_too_young], "average-too-young")
    assert "After 200 steps of this phase a share of 0.7071" in hint.text
