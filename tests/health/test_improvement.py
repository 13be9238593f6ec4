"""The hints on what would make better images, each with its numbers."""

from dataclasses import replace

import numpy as np
import pytest

from pipeline.health.facts import Facts
from pipeline.health.hint import Suggestion
from pipeline.health.improvement import overfitted, too_few_images, too_small, trained_too_short
from tests.health.made_up import EVERY, codes_of, made_up, only_hint

LEVERS = (Suggestion("painter", "hidden"),)
ERRORS = ("error", "held_out_error")
OVERFITTED = [overfitted(*ERRORS, LEVERS)]
FEW = [too_few_images(*ERRORS, LEVERS)]
SMALL = [too_small(*ERRORS, ("painter",), LEVERS)]
SHORT = [trained_too_short("energy_distance", "the energy distance", 0.2, 0.02)]
STEPS = 1000


@pytest.fixture
def run():
    """`run(error=…, total_steps=1000)`: a network whose error is about 80, held out too, except for these series and
    facts."""

    def make(total_steps=None, train_images=None, weights=None, **changes):
        history = made_up({"error": 80.0}, {"held_out_error": 80.0, "energy_distance": 0.01}, **changes)
        return replace(history, facts=Facts(total_steps, train_images, weights=weights or {}))

    return make


def falling(first, last):
    """A value at every step, with noise of a hundredth."""
    return np.linspace(first, last, STEPS) * np.random.default_rng(1).uniform(0.99, 1.01, STEPS)


def checkups(first, last, count=STEPS // EVERY + 1):
    return np.linspace(first, last, count)


def test_a_measure_that_still_falls_at_the_end_of_the_plan_says_that_training_was_too_short(run):
    hint = only_hint(run(total_steps=1000, energy_distance=checkups(0.4, 0.1)), SHORT, "trained-too-short")
    assert hint.severity == "info" and hint.evidence["planned steps"] == 1000
    assert hint.evidence["energy_distance"] == pytest.approx(0.1, rel=0.01)
    assert hint.suggestions == (Suggestion("training", "total_steps"),)


@pytest.mark.parametrize(
    ("total", "distances"),
    [
        (2000, checkups(0.4, 0.1)),
        (None, checkups(0.4, 0.1)),
        (1000, checkups(0.11, 0.1)),
        (1000, checkups(0.019, 0.001)),
        (1000, checkups(0.1, 0.4)),
        (1000, np.tile([0.1, 0.4], 10)),
    ],
    ids=["before the end", "no plan", "hardly falling", "good enough", "rising", "up and down"],
)
def test_other_ends_do_not(run, total, distances):
    assert codes_of(run(total_steps=total, energy_distance=distances), SHORT) == []


def test_a_held_out_error_that_rises_while_the_training_error_falls_is_overfitting(run):
    history = run(error=falling(80, 40), held_out_error=checkups(80, 100))
    hint = only_hint(history, OVERFITTED, "overfitted")
    assert hint.severity == "warning" and hint.since is not None
    assert hint.evidence["held_out_error"] == pytest.approx(100) and hint.evidence["error"] == pytest.approx(41, abs=2)


@pytest.mark.parametrize(
    ("error", "held_out"),
    [(falling(80, 40), checkups(80, 60)), (falling(40, 80), checkups(60, 80)), (80.0, checkups(80, 100))],
    ids=["both fall", "both rise", "a training error at rest"],
)
def test_other_courses_of_the_two_errors_are_not(run, error, held_out):
    assert codes_of(run(error=error, held_out_error=held_out), OVERFITTED) == []


def test_a_large_gap_with_few_images_says_that_there_are_too_few(run):
    hint = only_hint(run(train_images=1234, held_out_error=checkups(120, 121)), FEW, "too-few-images")
    assert hint.evidence["images"] == 1234 and hint.evidence["held_out_error"] == pytest.approx(120.5, abs=0.5)
    assert "in training on 1,234 images" in hint.text


@pytest.mark.parametrize(("images", "held_out"), [(1234, 85.0), (50_000, 120.0), (None, 120.0)])
def test_a_small_gap_many_images_or_an_unknown_number_do_not(run, images, held_out):
    assert codes_of(run(train_images=images, held_out_error=checkups(held_out, held_out + 0.1)), FEW) == []


UNLIKE = {"energy_distance": [0.2, 0.21] * 10, "held_out_error": [80.0, 80.5] * 10, "error": falling(80, 80)}


def test_images_that_stay_unlike_real_ones_without_a_gap_say_that_the_network_is_too_small(run):
    hint = only_hint(run(weights={"painter": 12_345, "judge": 1}, **UNLIKE), SMALL, "network-too-small")
    assert "with 12,345 in the painter as trained weights" in hint.text and "judge" not in hint.text
    assert hint.evidence["energy_distance"] == pytest.approx(0.2, abs=0.01)


@pytest.mark.parametrize(
    "changes",
    [
        {"energy_distance": [0.02, 0.021] * 10},
        {"energy_distance": checkups(0.4, 0.2)},
        {"energy_distance": [0.9, 0.91] * 10},
        {"held_out_error": [100.0, 100.5] * 10},
        {"error": falling(80, 60)},
    ],
    ids=["like real ones", "getting better", "untrained", "a gap", "still learning"],
)
def test_otherwise_it_may_be_large_enough(run, changes):
    assert codes_of(run(**(UNLIKE | changes)), SMALL) == []
