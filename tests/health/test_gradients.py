"""Rules on gradients, for networks of any name."""

from dataclasses import replace

import numpy as np
import pytest

from pipeline.health.gradients import dead_units, exploding, not_finite
from pipeline.health.hint import Suggestion
from tests.health.made_up import codes_of, only_hint

BOTH = ("painter", "judge")


def bursts(share, norm, steps=100):
    """Values `norm` in this share of the steps, evenly spread, and 1 in the others."""
    return np.where(np.arange(steps) % round(1 / share) == 0, norm, 1.0)


def test_the_first_non_finite_step_is_named_even_during_warm_up(run):
    history = run(steps=12, loss=[np.inf, 1.0, np.nan, 1.0])
    hint = only_hint(history, [not_finite(BOTH)], "not-finite")
    assert hint.evidence == {"step": 9}
    assert hint.suggestions == (
        Suggestion("painter optimizer", "learning_rate"),
        Suggestion("judge optimizer", "learning_rate"),
    )


def test_all_series_of_updates_must_be_finite_and_the_first_in_order_is_named(run):
    wild = np.where(np.arange(1000) == 500, -np.inf, 1.0)
    history = run(something_new=wild, grad_norm=np.where(np.arange(1000) == 700, np.nan, 6.0))
    assert "At step 701 grad_norm" in only_hint(history, [not_finite(BOTH)], "not-finite").text
    turned = replace(history, trained=("something_new", "loss", "grad_norm"))
    assert "At step 501 something_new" in only_hint(turned, [not_finite(BOTH)], "not-finite").text


def test_other_series_may_be_non_finite(run):
    history = run(loss=[np.nan], diversity=[0.9, np.nan])
    assert codes_of(replace(history, trained=()), [not_finite(BOTH)]) == []
    assert codes_of(replace(history, trained=("grad_norm", "never_recorded")), [not_finite(BOTH)]) == []


def test_gradients_that_are_repeatedly_far_too_large_explode(run):
    history = run(grad_norm=bursts(0.2, 234567.0))
    hint = only_hint(history, [exploding("grad_norm", ["painter"])], "exploding-painter-gradients")
    assert (hint.severity, hint.evidence) == ("critical", {"grad_norm": 234567.0, "steps": 100})
    assert "the painter's gradient norm was over 234,600: its updates overshoot" in hint.text
    assert hint.suggestions == (
        Suggestion("painter optimizer", "learning_rate"),
        Suggestion("painter optimizer", "clip_norm"),
    )


def test_a_joint_gradient_norm_names_all_its_networks(run):
    history = run(grad_norm=bursts(0.2, 234567.0))
    hint = only_hint(history, [exploding("grad_norm", BOTH)], "exploding-painter-and-judge-gradients")
    assert "the gradient norm of painter and judge together was over 234,600: their updates overshoot" in hint.text
    assert hint.remedy.startswith("Lower their learning rates or clip their gradient, or go back")
    assert [lever.parameter for lever in hint.suggestions] == [*["learning_rate"] * 2, *["clip_norm"] * 2]


def test_the_code_of_a_hint_has_no_blanks_even_if_a_role_has(run):
    history = run(grad_norm=bursts(0.2, 234567.0))
    assert codes_of(history, [exploding("grad_norm", ["style network"])]) == ["exploding-style-network-gradients"]


def test_a_family_may_set_the_bound_of_exploding_gradients(run):
    history = run(grad_norm=5000.0)
    assert codes_of(history, [exploding("grad_norm", BOTH)]) == []
    assert len(codes_of(history, [exploding("grad_norm", BOTH, exploded=1000.0)])) == 1


def test_gradients_that_grow_a_hundredfold_explode_below_the_bound(run):
    rule = exploding("grad_norm", ["painter"])
    hint = only_hint(run(grad_norm=[1.0] * 100 + [500.0] * 100), [rule], "exploding-painter-gradients")
    assert hint.evidence == {"grad_norm": 500.0, "grad_norm before": 1.0, "steps": 100}


@pytest.mark.parametrize(
    ("steps", "norms"),
    [(1000, bursts(0.01, 1e6)), (150, [1e6] * 50 + [20.0] * 100), (1000, [0.001] * 100 + [50.0] * 100)],
    ids=["a single burst", "a steep start", "from tiny to usual"],
)
def test_short_or_usual_growth_is_no_explosion(run, steps, norms):
    assert codes_of(run(steps=steps, grad_norm=norms), [exploding("grad_norm", BOTH)]) == []


@pytest.mark.parametrize(("share", "severity"), [(0.625, "warning"), (1.0, "critical")])
def test_a_dead_layer_is_reported_with_learning_rates_and_slopes(run, share, severity):
    hint = only_hint(run(dead_units=[share] * 6), [dead_units(BOTH)], "dead-layer")
    assert (hint.severity, hint.evidence) == (severity, {"dead_units": share, "checkups": 4})
    assert hint.suggestions == (
        Suggestion("painter optimizer", "learning_rate"),
        Suggestion("judge optimizer", "learning_rate"),
        Suggestion("painter", "slope"),
        Suggestion("judge", "slope"),
    )


def test_some_dead_units_or_a_single_bad_checkup_are_normal(run):
    assert codes_of(run(dead_units=[0.4] * 10), [dead_units(BOTH)]) == []
    assert codes_of(run(dead_units=[0.9, 0.9, 0.9, 0.1, 0.9]), [dead_units(BOTH)]) == []
