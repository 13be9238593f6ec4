"""Rules on gradients, made for networks of any name."""

from dataclasses import replace

import numpy as np
import pytest

from pipeline.health.gradients import dead_units, exploding, not_finite
from pipeline.health.hint import Lever
from tests.health.made_up import codes_of, only_hint

BOTH = ("painter", "judge")


def bursts(share, norm, steps=100):
    """A burst of this size in this share of the steps, spread evenly, and next to nothing in the others."""
    return np.where(np.arange(steps) % round(1 / share) == 0, norm, 1.0)


def test_the_first_step_that_went_wrong_is_named_however_early_it_was(run):
    history = run(steps=12, loss=[np.inf, 1.0, np.nan, 1.0])
    hint = only_hint(history, [not_finite(BOTH)], "not-finite")
    assert hint.evidence == {"step": 9}
    assert hint.levers == (Lever("painter optimizer", "learning_rate"), Lever("judge optimizer", "learning_rate"))


def test_whatever_updates_make_has_to_be_finite_and_the_first_in_order_is_named(run):
    wild = np.where(np.arange(1000) == 500, -np.inf, 1.0)
    history = run(something_new=wild, grad_norm=np.where(np.arange(1000) == 700, np.nan, 6.0))
    assert "At step 701 grad_norm" in only_hint(history, [not_finite(BOTH)], "not-finite").text
    turned = replace(history, trained=("something_new", "loss", "grad_norm"))
    assert "At step 501 something_new" in only_hint(turned, [not_finite(BOTH)], "not-finite").text


def test_series_that_updates_do_not_make_may_be_anything(run):
    history = run(loss=[np.nan], diversity=[0.9, np.nan])
    assert codes_of(replace(history, trained=()), [not_finite(BOTH)]) == []
    assert codes_of(replace(history, trained=("grad_norm", "never_recorded")), [not_finite(BOTH)]) == []


def test_gradients_that_are_far_too_large_again_and_again_explode(run):
    history = run(grad_norm=bursts(0.2, 234567.0))
    hint = only_hint(history, [exploding("grad_norm", ["painter"])], "exploding-painter-gradients")
    assert (hint.severity, hint.evidence) == ("critical", {"grad_norm": 234567.0, "steps": 100})
    assert "the painter's gradient norm was over 234,600: its updates overshoot" in hint.text
    assert hint.levers == (Lever("painter optimizer", "learning_rate"), Lever("painter optimizer", "clip_norm"))


def test_gradients_that_networks_share_are_spoken_of_together(run):
    history = run(grad_norm=bursts(0.2, 234567.0))
    hint = only_hint(history, [exploding("grad_norm", BOTH)], "exploding-painter-and-judge-gradients")
    assert "the gradient norm of painter and judge together was over 234,600: their updates overshoot" in hint.text
    assert hint.remedy.startswith("Lower their learning rates or clip their gradient, or go back")
    assert [lever.parameter for lever in hint.levers] == [*["learning_rate"] * 2, *["clip_norm"] * 2]


def test_the_code_of_a_hint_has_no_blanks_whatever_the_roles_are_called(run):
    history = run(grad_norm=bursts(0.2, 234567.0))
    assert codes_of(history, [exploding("grad_norm", ["style network"])]) == ["exploding-style-network-gradients"]


def test_what_is_far_too_large_is_the_familys_to_say(run):
    history = run(grad_norm=5000.0)
    assert codes_of(history, [exploding("grad_norm", BOTH)]) == []
    assert len(codes_of(history, [exploding("grad_norm", BOTH, exploded=1000.0)])) == 1


def test_gradients_that_grow_a_hundredfold_explode_before_they_are_enormous(run):
    rule = exploding("grad_norm", ["painter"])
    hint = only_hint(run(grad_norm=[1.0] * 100 + [500.0] * 100), [rule], "exploding-painter-gradients")
    assert hint.evidence == {"grad_norm": 500.0, "grad_norm before": 1.0, "steps": 100}


@pytest.mark.parametrize(
    ("steps", "norms"),
    [(1000, bursts(0.01, 1e6)), (150, [1e6] * 50 + [20.0] * 100), (1000, [0.001] * 100 + [50.0] * 100)],
    ids=["a single burst", "a steep beginning", "from nothing to the usual"],
)
def test_what_passes_is_no_explosion(run, steps, norms):
    assert codes_of(run(steps=steps, grad_norm=norms), [exploding("grad_norm", BOTH)]) == []


@pytest.mark.parametrize(("share", "severity"), [(0.625, "warning"), (1.0, "critical")])
def test_a_layer_of_dead_units_is_shown_with_what_its_network_may_have(run, share, severity):
    hint = only_hint(run(dead_units=[share] * 6), [dead_units(BOTH)], "dead-layer")
    assert (hint.severity, hint.evidence) == (severity, {"dead_units": share, "checkups": 4})
    assert hint.levers == (
        Lever("painter optimizer", "learning_rate"),
        Lever("judge optimizer", "learning_rate"),
        Lever("painter", "slope"),
        Lever("judge", "slope"),
    )


def test_some_dead_units_or_many_at_one_checkup_are_usual(run):
    assert codes_of(run(dead_units=[0.4] * 10), [dead_units(BOTH)]) == []
    assert codes_of(run(dead_units=[0.9, 0.9, 0.9, 0.1, 0.9]), [dead_units(BOTH)]) == []
