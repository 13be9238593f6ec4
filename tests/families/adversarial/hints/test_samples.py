"""Hints on mode collapse, and on images that get worse while the loss falls."""

import numpy as np
import pytest

from pipeline.health.hint import Suggestion


@pytest.mark.parametrize(("diversity", "severity"), [(0.3125, "warning"), (0.0123, "critical")])
@pytest.mark.parametrize("scores", ["probability", "critic"])
def test_samples_that_are_all_alike_give_a_mode_collapse_hint(run, only, diversity, severity, scores):
    hint = only(run(scores=scores, diversity=[diversity] * 10), "mode-collapse")
    assert (hint.severity, hint.evidence) == (severity, {"diversity": diversity, "checkups": 4})
    assert Suggestion("objective", "penalty_weight") in hint.suggestions


WORSE = np.linspace(0.1, 0.4, 12)
FALLING = np.linspace(3.0, 1.5, 1000)


def noisy(values, share, seed=1):
    return values * np.random.default_rng(seed).uniform(1 - share, 1 + share, len(values))


@pytest.mark.parametrize("noise", [0.0, 0.05])
def test_a_loss_that_falls_while_images_get_worse_gives_a_hint(run, only, noise):
    history = run(energy_distance=noisy(WORSE, noise), G_loss=noisy(FALLING, noise))
    hint = only(history, "loss-falls-images-get-worse")
    assert hint.severity == "warning"
    assert hint.evidence == {
        "energy_distance before": pytest.approx(0.155, rel=0.05), "energy_distance": pytest.approx(0.4, rel=0.05),
        "G_loss before": pytest.approx(2.2, rel=0.05), "G_loss": pytest.approx(1.53, rel=0.05), "checkups": 10,
    }  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [
        {"energy_distance": WORSE[::-1]},
        {"G_loss": FALLING[::-1]},
        {"G_loss": np.full(1000, 2.0)},
        {"energy_distance": np.linspace(0.30, 0.33, 12)},
        {"energy_distance": np.linspace(0.001, 0.01, 12)},
        {"energy_distance": np.tile([0.1, 0.4], 6)},
        {"energy_distance": WORSE[-8:]},
        {"G_loss": np.linspace(2.0, 1.95, 1000)},
    ],
    ids=[
        "images improve", "the loss rises", "the loss is constant", "hardly worse", "worse within the noise",
        "up and down", "too few checkups", "the loss hardly falls",
    ],
)  # fmt: skip
def test_without_both_trends_clearly_present_there_is_no_hint(run, codes, change):
    assert codes(run(**({"energy_distance": WORSE, "G_loss": FALLING} | change))) == []


def test_a_trend_needs_checkups_over_enough_steps(run, codes):
    short = {"energy_distance": np.linspace(0.1, 0.4, 80), "G_loss": np.geomspace(30, 1.5, 1000)}
    assert codes(run(every=5, **short)) == []
    assert codes(run(every=10, **short)) == ["loss-falls-images-get-worse"]
