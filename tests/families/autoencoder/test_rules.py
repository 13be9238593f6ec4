"""Hints on autoencoders: posterior collapse, exploding gradients, non-finite values, dead layers."""

from dataclasses import replace

import numpy as np
import pytest

from pipeline.families.autoencoder.rules import RULES
from pipeline.health.history import History
from tests.health.made_up import codes_of, only_hint

STEPS = 600
TRAINED = ("loss", "reconstruction", "kl", "grad_norm")
CHECKUP = ("diversity", "energy_distance", "held_out_reconstruction", "mean_image_error", "active_units", "dead_units")
COLLAPSED = {
    "kl": 0.02,
    "held_out_reconstruction": 206.0,
    "mean_image_error": 205.0,
    "active_units": 0.0,
}


@pytest.fixture
def run():
    """`run(kl=25)`: the curves of a collapsed run except for these. A pair switches from its first to its second value
    halfway."""

    def make(**changes):
        series = {"loss": 200.0, "reconstruction": 200.0, "grad_norm": 40.0} | COLLAPSED | changes
        random = np.random.default_rng(0)

        def curve(name, value):
            first, last = value if isinstance(value, tuple) else (value, value)
            levels = np.where(np.arange(STEPS) < STEPS // 2, first, last)
            return levels if name in CHECKUP else levels * random.uniform(0.9, 1.1, STEPS)

        # A checkup's values hold until the next one, and no two checkups give the same.
        diversity = np.repeat(random.uniform(0.05, 0.1, STEPS // 50), 50)
        return History(
            np.arange(1, STEPS + 1),
            {name: curve(name, value) for name, value in series.items()} | {"diversity": diversity},
            "critic",
            CHECKUP,
            TRAINED,
        )

    return make


def codes(history):
    return codes_of(history, RULES)


def only(history, code):
    return only_hint(history, RULES, code)


def test_a_collapsed_run_gets_a_hint_with_its_numbers_and_levers(run):
    hint = only(run(), "posterior-collapse")
    assert hint.severity == "critical"
    assert hint.evidence["active_units"] == 0 and hint.evidence["mean_image_error"] == 205
    assert [(lever.role, lever.parameter) for lever in hint.suggestions[:2]] == [
        ("objective", "beta"),
        ("objective", "kl_warmup_steps"),
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"kl": 25.0, "active_units": 12.0},
        {"held_out_reconstruction": 80.0},
        {"kl": (0.02, 25.0), "active_units": (0.0, 8.0)},
        {"held_out_reconstruction": (206.0, 150.0)},
    ],
    ids=["informative codes", "good reconstructions", "codes that became informative", "a run that has recovered"],
)
def test_a_run_that_is_not_collapsed_has_no_hint(run, changes):
    assert codes(run(**changes)) == []


def test_either_sign_of_uninformative_codes_is_enough(run):
    assert codes(run(active_units=3.0)) == ["posterior-collapse"]
    assert codes(run(kl=4.0)) == ["posterior-collapse"]


def test_an_autoencoder_without_a_prior_and_a_run_that_just_started_get_no_hint(run):
    history = run()
    for gone in ("kl", "active_units"):
        series = {name: curve for name, curve in history.series.items() if name != gone}
        assert codes(replace(history, series=series)) == []
    short = {name: curve[:120] for name, curve in history.series.items()}
    assert codes(replace(history, steps=history.steps[:120], series=short)) == []


def test_a_non_finite_loss_of_an_autoencoder_gets_a_hint_too(run):
    history = run(kl=25.0, active_units=9.0, held_out_reconstruction=90.0)
    history.series["loss"][-1] = np.nan
    assert codes(history) == ["not-finite"]


def test_exploding_gradients_have_levers_for_both_networks(run):
    history = run(kl=25.0, active_units=9.0, held_out_reconstruction=90.0)
    history.series["grad_norm"][-100::4] = 123456.0
    hint = only(history, "exploding-encoder-and-decoder-gradients")
    assert (hint.severity, hint.evidence) == ("critical", {"grad_norm": 123456.0, "steps": 100})
    assert hint.text == (
        "In a tenth of the last 100 steps the gradient norm of encoder and decoder together was over 123,500: "
        "their updates overshoot."
    )
    assert [(lever.role, lever.parameter) for lever in hint.suggestions] == [
        ("encoder optimizer", "learning_rate"),
        ("decoder optimizer", "learning_rate"),
        ("encoder optimizer", "clip_norm"),
        ("decoder optimizer", "clip_norm"),
    ]


def test_the_large_gradient_of_a_sum_over_many_pixels_is_not_an_explosion(run):
    assert codes(run(kl=25.0, active_units=9.0, held_out_reconstruction=90.0, grad_norm=5000.0)) == []


def test_a_dead_layer_gets_a_hint_with_levers_for_its_networks(run):
    history = run(kl=25.0, active_units=9.0, held_out_reconstruction=90.0, dead_units=0.75)
    hint = only(history, "dead-layer")
    assert hint.evidence == {"dead_units": 0.75, "checkups": 4}
    assert [(lever.role, lever.parameter) for lever in hint.suggestions] == [
        ("encoder optimizer", "learning_rate"),
        ("decoder optimizer", "learning_rate"),
        ("encoder", "slope"),
        ("decoder", "slope"),
    ]
