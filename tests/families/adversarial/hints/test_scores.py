"""Hints on a discriminator that wins, guesses or overfits, and on a critic that is not Lipschitz."""

from math import log

import numpy as np
import pytest

from pipeline.health.hint import Suggestion


def test_a_discriminator_that_is_nearly_always_right_has_won(run, only):
    hint = only(run(D_real=0.98765, D_fake=0.0123), "discriminator-wins")
    assert hint.severity == "warning"
    assert hint.evidence == {"D_real": 0.98765, "D_fake": 0.0123, "steps": 200}
    assert "real images 0.9876" in hint.text or "real images 0.9877" in hint.text
    assert Suggestion("training", "discriminator_updates") in hint.suggestions


def test_a_discriminator_that_is_often_or_briefly_right_has_not_won(run, codes):
    assert codes(run(D_real=0.94, D_fake=0.03)) == []
    assert codes(run(D_real=0.99, D_fake=0.07)) == []
    assert codes(run(D_real=[0.99] * 140, D_fake=[0.01] * 140)) == []
    assert codes(run(steps=299, D_real=0.99, D_fake=0.01)) == []


def test_the_scores_of_a_critic_are_not_mistaken_for_probabilities(run, codes):
    assert codes(run(scores="critic", D_real=0.99, D_fake=0.01)) == []
    assert codes(run(scores="critic", D_real=0.5, D_fake=0.5, D_loss=2 * log(2), energy_distance=[0.9] * 9)) == []
    assert codes(run(scores="critic", r_t=0.9, D_train=0.9, D_held_out=0.3)) == []


GUESSING = {"D_real": 0.51, "D_fake": 0.49, "D_loss": 1.39}


def test_a_discriminator_that_scores_everything_one_half_guesses(run, only):
    hint = only(run(energy_distance=[0.8] * 10, **GUESSING), "discriminator-guesses")
    assert (hint.severity, hint.evidence) == ("warning", {**GUESSING, "steps": 200})
    assert hint.suggestions[0] == Suggestion("discriminator optimizer", "learning_rate")


def test_guessing_is_found_without_a_measured_energy_distance_too(run, codes):
    assert codes(run(energy_distance=None, **GUESSING)) == ["discriminator-guesses"]


def test_scoring_one_half_is_correct_once_images_are_like_real_ones(run, codes):
    assert codes(run(energy_distance=[0.003] * 10, **GUESSING)) == []


@pytest.mark.parametrize("change", [{"D_real": 0.58}, {"D_loss": 1.1}, {"D_real": 0.65, "D_fake": 0.63}])
def test_a_discriminator_slightly_better_than_chance_does_not_guess(run, codes, change):
    assert codes(run(energy_distance=[0.8] * 10, **(GUESSING | change))) == []


def test_a_discriminator_that_scores_held_out_images_like_generated_ones_overfits(run, only):
    history = run(D_fake=0.1, D_train=[0.9] * 8, D_held_out=[0.5] * 8, r_t=[0.85] * 8)
    hint = only(history, "discriminator-overfits")
    assert hint.severity == "warning"
    assert hint.evidence == {
        "r_t": pytest.approx(0.85), "D_train": pytest.approx(0.9), "D_held_out": 0.5, "r_v": pytest.approx(0.5),
        "checkups": 4,
    }  # fmt: skip
    assert "training images 0.9 but held-out ones 0.5 (r_t 0.85, r_v 0.5)" in hint.text


def test_a_discriminator_that_also_wins_on_held_out_images_does_not_overfit(run, codes):
    assert codes(run(D_fake=0.1, D_train=[0.95] * 8, D_held_out=[0.92] * 8, r_t=[0.99] * 8)) == []


def test_a_discriminator_that_scores_few_training_images_as_real_does_not_overfit(run, codes):
    assert codes(run(D_fake=0.1, D_train=[0.6] * 8, D_held_out=[0.4] * 8, r_t=[0.5] * 8)) == []


@pytest.mark.parametrize(
    ("slope", "lever"),
    [
        (1.55, Suggestion("discriminator optimizer", "learning_rate")),
        (0.42, Suggestion("training", "discriminator_updates")),
    ],
)
def test_a_critic_whose_gradient_norm_is_far_from_one_gets_a_hint(run, only, slope, lever):
    hint = only(run(scores="critic", critic_slope=slope), "critic-not-lipschitz")
    assert (hint.severity, hint.evidence) == ("warning", {"critic_slope": slope, "steps": 200})
    assert hint.suggestions == (Suggestion("objective", "penalty_weight"), lever)


def test_a_gradient_norm_near_one_or_approaching_it_gets_no_hint(run, codes):
    for slope in (0.81, 1.0, 1.19, np.nan, np.linspace(5, 0.9, 1000), np.tile([0.7, 1.3], 500)):
        assert codes(run(scores="critic", critic_slope=slope)) == []
