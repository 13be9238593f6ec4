"""Hints on diffusion models: a band of times that is not learned, latents off scale, guidance that saturates, and no
hint on the gaps between phases."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from pipeline.families.diffusion.latent_family import RULES as LATENT_RULES
from pipeline.families.diffusion.rules import RULES
from pipeline.health.default import rules_on_changes
from pipeline.health.facts import Facts, ForkOrigin, LiveChange
from tests.health.made_up import codes_of, made_up, only_hint

BANDS = {"loss_000_025": 0.8, "loss_025_050": 0.55, "loss_050_075": 0.7, "loss_075_100": 0.78}
DEVIATIONS = {"latent_deviation": 1.005, "latent_deviation_least": 0.94, "latent_deviation_most": 1.06}
FALLING = np.linspace(1, 0.8, 20)

run = partial(
    made_up,
    {"denoising_loss": 0.6, "denoiser_grad_norm": 0.5},
    {**BANDS, **DEVIATIONS, "guided_deviation": 0.9, "dead_units": 0.0},
)


def learning(**changes):
    """A run whose bands all fall by a tenth in its last 500 steps, except for these changes."""
    return run(**{name: level * FALLING for name, level in BANDS.items()} | changes)


def test_a_run_that_learns_and_one_that_has_learned_get_no_hint():
    assert codes_of(learning(), RULES) == codes_of(run(), RULES) == []


@pytest.mark.parametrize("curve", [np.full(20, 0.78), np.linspace(0.7, 0.8, 20)], ids=["stands still", "rises"])
def test_a_band_that_does_not_fall_while_the_others_do_is_named_with_its_times(curve):
    hint = only_hint(learning(loss_075_100=curve), RULES, "band-not-learned")
    assert "at times from 0.75 to 1 went from" in hint.text
    assert [lever.parameter for lever in hint.suggestions] == ["times", "weight", "prediction"]


@pytest.mark.parametrize(
    "changes",
    [
        {"loss_075_100": 0.78 * np.linspace(1, 0.96, 20)},
        {"loss_075_100": np.full(20, 0.78), "loss_050_075": np.full(20, 0.7)},
        {"loss_000_025": None, "loss_075_100": np.full(20, 0.78)},
    ],
    ids=["it falls slowly", "two bands stand still", "a band was not measured"],
)
def test_a_band_that_falls_slowly_or_not_alone_gets_no_hint(changes):
    assert codes_of(learning(**changes), RULES) == []


def test_late_in_a_run_a_band_may_stand_still_while_others_fall_a_little():
    slowly = {name: level * np.linspace(1, 0.92, 20) for name, level in BANDS.items()}
    assert codes_of(run(**slowly | {"loss_075_100": np.full(20, 0.78)}), RULES) == []


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        ({"latent_deviation_least": 0.05}, "some channels are hidden"),
        ({"latent_deviation_most": 2.4}, "some channels are hidden"),
        ({"latent_deviation": 1.6}, "sees held-out images otherwise"),
        ({"latent_deviation": 0.6}, "sees held-out images otherwise"),
    ],
)
def test_latents_far_from_deviation_one_are_told_with_their_channels(changes, cause):
    hint = only_hint(run(**changes), RULES, "latents-off-scale")
    assert cause in hint.text and hint.severity == "warning"


def test_a_denoiser_of_images_has_no_latents_to_judge():
    assert codes_of(run(**dict.fromkeys(DEVIATIONS)), RULES) == []


def test_guidance_that_takes_estimates_where_no_image_is_saturates():
    hint = only_hint(run(guided_deviation=2.7), RULES, "guidance-saturates")
    assert [(lever.role, lever.parameter) for lever in hint.suggestions] == [("sampling", "guidance")]
    assert codes_of(run(guided_deviation=1.4), RULES) == codes_of(run(guided_deviation=None), RULES) == []


def two_phases(boundary, **changes):
    """The steps 601 to 1,600 of a run with two phases; `boundary`: last step of the first."""
    usual = {"loss": 90.0, "grad_norm": 40.0, "denoising_loss": 0.6, "denoiser_grad_norm": 0.5}
    history = made_up(usual, {"dead_units": 0.0}, first=601, **changes)
    first = history.steps <= boundary
    for name in ("loss", "grad_norm"):
        history.series[name][~first] = np.nan
    for name in ("denoising_loss", "denoiser_grad_norm"):
        history.series[name][first] = np.nan
    return replace(history, losses=("loss", "denoising_loss"))


ALL_RULES = (*rules_on_changes(("encoder", "decoder", "denoiser")), *LATENT_RULES)


@pytest.mark.parametrize("boundary", [600, 1000, 1599, 1600])
def test_series_of_another_phase_are_no_reason_for_a_hint(boundary):
    assert codes_of(two_phases(boundary), ALL_RULES) == []


@pytest.mark.parametrize(("name", "step"), [("loss", 900), ("denoising_loss", 1300)])
def test_a_value_that_is_not_finite_is_still_found_in_its_phase_once(name, step):
    history = two_phases(1000)
    history.series[name][step - 601] = np.nan
    hint = only_hint(history, ALL_RULES, "not-finite")
    assert hint.evidence == {"step": step} and name in hint.text


def test_a_spike_of_the_denoising_loss_after_a_change_is_told_and_a_fall_is_not():
    change = Facts(changes=(LiveChange(1400, "Adam · Learning rate", 0.002, 0.2),))
    for level, codes in ((3.0, ["spike-after-change"]), (0.1, [])):
        history = replace(two_phases(1000), facts=change)
        history.series["denoising_loss"][1400 - 600 :] = level
        assert codes_of(history, ALL_RULES) == codes


def test_a_change_just_before_the_next_phase_is_not_judged_by_it():
    history = replace(two_phases(1430), facts=Facts(changes=(LiveChange(1400, "Adam · Learning rate", 0.002, 0.2),)))
    history.series["loss"][1400 - 600 : 1430 - 600] = 900.0
    assert codes_of(history, ALL_RULES) == []


def test_a_fork_at_the_boundary_is_not_compared_with_the_other_phase():
    before = {"loss": np.full(100, 90.0), "denoising_loss": np.full(100, np.nan)}
    assert codes_of(replace(two_phases(1400), facts=Facts(fork=ForkOrigin(1400, before))), ALL_RULES) == []
