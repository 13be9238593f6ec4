"""The default rules."""

import numpy as np

from pipeline.health.default import default_rules
from tests.health.made_up import codes_of

RULES = default_rules(["painter", "judge"], {"grad_norm": ["painter", "judge"]})


def test_a_healthy_run_gets_no_hint_at_any_age(run):
    ages = (1, 20, 299, 300, 500, 1000, 5000)
    assert {steps: found for steps in ages if (found := codes_of(run(steps=steps), RULES))} == {}


def test_problems_of_any_family_are_found(run):
    assert codes_of(run(loss=[np.nan]), RULES) == ["not-finite"]
    assert codes_of(run(grad_norm=[1e6] * 100), RULES) == ["exploding-painter-and-judge-gradients"]
    assert codes_of(run(dead_units=[0.75] * 5), RULES) == ["dead-layer"]
    assert codes_of(run(energy_distance=np.linspace(0.1, 0.4, 12)), RULES) == ["images-get-worse"]


def test_a_run_with_few_series_gets_no_hint(run):
    bare = run(grad_norm=None, diversity=None, energy_distance=None, dead_units=None)
    assert codes_of(bare, RULES) == []


def test_without_gradient_norms_the_other_rules_remain(run):
    assert len(default_rules(["painter"], {})) == len(RULES) - 1
    assert codes_of(run(loss=[np.nan], grad_norm=[1e6] * 100), default_rules(["painter"], {})) == ["not-finite"]
