"""Hints on non-finite values, exploding and vanishing gradients, and dead units."""

import numpy as np
import pytest

from pipeline.health.hint import Suggestion


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("metric", ["D_loss", "G_loss", "D_grad_norm", "G_grad_norm", "D_real"])
def test_a_run_that_ends_in_a_non_finite_value_gets_a_hint_with_the_step(run, only, metric, bad):
    hint = only(run(**{metric: [bad]}), "not-finite")
    assert (hint.severity, hint.evidence) == ("critical", {"step": 1000})
    assert f"At step 1,000 {metric}" in hint.text


def test_a_series_that_starts_late_or_never_has_a_value_gets_no_hint(run, codes):
    late = np.where(np.arange(1000) < 700, np.nan, 0.6)
    assert codes(run(D_loss=late, G_grad_norm=np.full(1000, np.nan))) == []
    assert codes(run(r_t=np.nan, energy_distance=[np.nan, np.nan])) == []


def test_a_penalty_that_becomes_non_finite_gets_a_hint_too(run, only):
    hint = only(run(gradient_penalty=np.where(np.arange(1000) < 990, 0.1, np.nan)), "not-finite")
    assert "At step 991 gradient_penalty" in hint.text


def exploding_steps(share, norm, steps=100):
    """A gradient norm with evenly spaced bursts of this size in this share of the steps, and 1 in between."""
    return np.where(np.arange(steps) % round(1 / share) == 0, norm, 1.0)


@pytest.mark.parametrize(
    ("metric", "code", "optimizer"),
    [
        ("D_grad_norm", "exploding-discriminator-gradients", "discriminator optimizer"),
        ("G_grad_norm", "exploding-generator-gradients", "generator optimizer"),
    ],
)
def test_gradients_that_are_repeatedly_far_too_large_explode(run, only, metric, code, optimizer):
    hint = only(run(**{metric: exploding_steps(0.2, 123456.0)}), code)
    assert hint.severity == "critical"
    assert hint.evidence == {metric: 123456.0, "steps": 100}
    assert "123,500" in hint.text
    assert hint.suggestions == (Suggestion(optimizer, "learning_rate"), Suggestion(optimizer, "clip_norm"))


def test_a_single_burst_a_steep_start_and_steady_large_gradients_are_not_an_explosion(run, codes):
    assert codes(run(D_grad_norm=exploding_steps(0.01, 1e6))) == []
    assert codes(run(steps=150, D_grad_norm=[1e4] * 50 + [20.0] * 100)) == []
    assert codes(run(D_grad_norm=400.0)) == []
    assert codes(run(D_grad_norm=[0.001] * 100 + [50.0] * 100)) == []


def test_a_generator_without_a_gradient_gets_a_hint(run, only):
    hint = only(run(G_grad_norm=0.000012345), "vanishing-generator-gradient")
    assert hint.severity == "critical"
    assert hint.evidence == {"G_grad_norm": 0.000012345, "steps": 200}
    assert "1.234e-05" in hint.text or "1.235e-05" in hint.text


def test_a_gradient_that_vanishes_only_for_a_while_gets_no_hint(run, codes):
    assert codes(run(G_grad_norm=[1e-5] * 150 + [2.0] * 50)) == []
    assert codes(run(G_grad_norm=[1e-5] * 140)) == []
    assert codes(run(G_grad_norm=0.002)) == []


def test_a_vanished_gradient_is_found_with_any_kind_of_scores(run, codes):
    assert codes(run(scores="critic", G_grad_norm=0.0)) == ["vanishing-generator-gradient"]


@pytest.mark.parametrize(("share", "severity"), [(0.625, "warning"), (1.0, "critical")])
def test_a_layer_of_dead_units_is_shown_with_their_share(run, only, share, severity):
    hint = only(run(dead_units=[share] * 6), "dead-layer")
    assert (hint.severity, hint.evidence) == (severity, {"dead_units": share, "checkups": 4})
