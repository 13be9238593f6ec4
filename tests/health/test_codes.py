"""Posterior collapse is seen where codes say nothing and reconstructions are no better than the mean image."""

import numpy as np
import pytest

from pipeline.health.history import History

STEPS = 600
COLLAPSED = {
    "kl": 0.02,
    "held_out_reconstruction": 206.0,
    "mean_image_error": 205.0,
    "active_units": 0.0,
}


@pytest.fixture
def run():
    """`run(kl=25)`: the curves of a collapsed run but for these. A pair goes from the one to the other halfway."""

    def make(**changes):
        series = {"loss": 200.0, "reconstruction": 200.0, "grad_norm": 40.0} | COLLAPSED | changes
        random = np.random.default_rng(0)
        checkups = {"held_out_reconstruction", "mean_image_error", "active_units"}

        def curve(name, value):
            first, last = value if isinstance(value, tuple) else (value, value)
            levels = np.where(np.arange(STEPS) < STEPS // 2, first, last)
            return levels if name in checkups else levels * random.uniform(0.9, 1.1, STEPS)

        # A checkup's values stand until the next one, and never come out the same twice.
        diversity = np.repeat(random.uniform(0.05, 0.1, STEPS // 50), 50)
        return History(
            np.arange(1, STEPS + 1),
            {name: curve(name, value) for name, value in series.items()} | {"diversity": diversity},
            "critic",
        )

    return make


def test_a_collapsed_run_is_told_by_its_numbers_and_by_what_to_turn(run, only):
    hint = only(run(), "posterior-collapse")
    assert hint.severity == "critical"
    assert hint.evidence["active_units"] == 0 and hint.evidence["mean_image_error"] == 205
    assert [(lever.role, lever.parameter) for lever in hint.levers[:2]] == [
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
    ids=["codes that speak", "images that come back", "codes that have come to speak", "a run that has recovered"],
)
def test_a_run_that_is_not_collapsed_has_no_hint(run, codes, changes):
    assert codes(run(**changes)) == []


def test_either_sign_of_silent_codes_is_enough(run, codes):
    assert codes(run(active_units=3.0)) == ["posterior-collapse"]
    assert codes(run(kl=4.0)) == ["posterior-collapse"]


def test_an_autoencoder_without_a_prior_and_one_that_has_just_begun_are_not_judged(run, codes):
    history = run()
    for gone in ("kl", "active_units"):
        series = {name: curve for name, curve in history.series.items() if name != gone}
        assert codes(History(history.steps, series, "critic")) == []
    short = {name: curve[:120] for name, curve in history.series.items()}
    assert codes(History(history.steps[:120], short, "critic")) == []


def test_a_loss_that_is_no_number_any_more_is_told_of_an_autoencoder_too(run, codes):
    history = run(kl=25.0, active_units=9.0, held_out_reconstruction=90.0)
    history.series["loss"][-1] = np.nan
    assert codes(history) == ["not-finite"]
