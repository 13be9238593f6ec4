"""Rules on samples, for networks of any name."""

import numpy as np
import pytest

from pipeline.health.hint import Suggestion
from pipeline.health.samples import mode_collapse, samples_get_worse, worse_while_loss_falls
from tests.health.made_up import codes_of, only_hint

LEVERS = (Suggestion("objective", "warmth"),)
ALIKE = [mode_collapse("painter", remedy="Paint something else.", suggestions=LEVERS)]
WORSE = [samples_get_worse(["painter", "judge"])]
DECEIVED = [
    worse_while_loss_falls("loss", "painter", reason="nobody looks", remedy="Look at the pictures.", suggestions=LEVERS)
]
MOVING_AWAY = np.linspace(0.1, 0.4, 12)


def test_mode_collapse_is_reported_in_the_words_of_the_family(run):
    hint = only_hint(run(diversity=[0.3125] * 10), ALIKE, "mode-collapse")
    assert (hint.severity, hint.evidence) == ("warning", {"diversity": 0.3125, "checkups": 4})
    assert hint.text.endswith("where real images have 1: the painter makes the same few images over and over.")
    assert (hint.remedy, hint.suggestions) == ("Paint something else.", LEVERS)


def test_a_late_collapse_is_reported_after_four_checkups(run):
    assert codes_of(run(diversity=[0.9, 0.8, 0.6, 0.3, 0.2, 0.1]), ALIKE) == []
    assert codes_of(run(diversity=[0.9, 0.8, 0.6, 0.3, 0.2, 0.1, 0.1]), ALIKE) == ["mode-collapse"]


def test_samples_that_become_more_diverse_are_fine(run):
    assert codes_of(run(steps=400, diversity=[0.1, 0.15, 0.2, 0.35, 0.45]), ALIKE) == []


def test_samples_somewhat_less_diverse_than_real_images_have_not_collapsed(run):
    assert codes_of(run(diversity=[0.52] * 10), ALIKE) == []


def test_samples_are_not_judged_at_the_start_of_a_run(run):
    assert codes_of(run(steps=299, diversity=[0.1] * 5), ALIKE) == []
    assert codes_of(run(steps=400, every=150, diversity=[0.1] * 2), ALIKE) == []


def test_frequent_checkups_have_to_agree_for_as_long_as_rare_ones(run):
    assert codes_of(run(every=5, diversity=[0.2] * 35), ALIKE) == []
    assert codes_of(run(every=5, diversity=[0.2] * 41), ALIKE) == ["mode-collapse"]
    assert codes_of(run(steps=2000, every=500, diversity=[0.2] * 4), ALIKE) == ["mode-collapse"]


def test_images_that_get_worse_are_reported_with_both_distances(run):
    hint = only_hint(run(energy_distance=MOVING_AWAY), WORSE, "images-get-worse")
    assert hint.severity == "warning"
    assert hint.evidence == {
        "energy_distance before": pytest.approx(0.155, rel=0.01),
        "energy_distance": pytest.approx(0.4),
        "checkups": 10,
    }
    assert hint.suggestions == (
        Suggestion("painter optimizer", "learning_rate"),
        Suggestion("judge optimizer", "learning_rate"),
    )


@pytest.mark.parametrize(
    "distances",
    [MOVING_AWAY[::-1], np.linspace(0.30, 0.33, 12), np.linspace(0.001, 0.01, 12), np.tile([0.1, 0.4], 6)],
    ids=["better", "hardly worse", "worse by chance", "up and down"],
)
def test_images_that_do_not_clearly_get_worse_give_no_hint(run, distances):
    assert codes_of(run(energy_distance=distances), WORSE) == []


def test_noise_hardly_ever_shows_a_trend(run):
    """Noise this large passes every other threshold whenever it rises by chance."""
    random = np.random.default_rng(0)
    found = [codes_of(run(energy_distance=random.uniform(0.02, 0.5, 12)), WORSE) for _ in range(500)]
    assert sum(map(len, found)) <= 3


def test_images_that_get_worse_are_reported_only_if_the_loss_falls(run):
    falling = run(energy_distance=MOVING_AWAY, loss=np.linspace(3.0, 1.5, 1000))
    hint = only_hint(falling, DECEIVED, "loss-falls-images-get-worse")
    assert "the painter's loss fell from" in hint.text and hint.text.endswith(": nobody looks.")
    assert hint.evidence["loss before"] == pytest.approx(2.2, rel=0.05)
    assert hint.evidence["loss"] == pytest.approx(1.53, rel=0.05)
    assert codes_of(run(energy_distance=MOVING_AWAY), DECEIVED) == []
    assert codes_of(run(energy_distance=MOVING_AWAY, loss=None), DECEIVED) == []
