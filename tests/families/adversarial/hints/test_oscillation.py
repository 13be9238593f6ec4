"""Hints on networks that oscillate."""

import numpy as np
import pytest

STEPS = np.arange(1000)


def wave(period, low, high):
    return (low + high) / 2 + (high - low) / 2 * np.sin(2 * np.pi * STEPS / period)


def scores(lead, noise=0.05, seed=0):
    """D_real and D_fake, centred on 0.5 and apart by this lead, with noise."""
    random = np.random.default_rng(seed)
    return {
        "D_real": 0.5 + lead / 2 + noise * random.normal(size=1000),
        "D_fake": 0.5 - lead / 2 + noise * random.normal(size=1000),
    }


def test_a_lead_that_repeatedly_comes_and_goes_oscillates(run, only):
    hint = only(run(**scores(wave(60, -0.1, 0.8))), "oscillation")
    assert hint.severity == "info"
    assert hint.evidence == {
        "swings": 6, "lowest lead": pytest.approx(-0.1, abs=0.05), "highest lead": pytest.approx(0.8, abs=0.05),
        "steps": 400,
    }  # fmt: skip
    assert "6 times" in hint.text and "last 400 steps" in hint.text


def test_smaller_swings_count_if_they_are_very_regular(run, only):
    hint = only(run(**scores(wave(50, 0.15, 0.65))), "oscillation")
    assert hint.evidence["period"] == pytest.approx(50, abs=2)


def test_irregular_swings_of_probabilities_count_if_they_are_wide(run, codes):
    random = np.random.default_rng(3)
    lengths = random.integers(20, 60, 60)
    lead = np.concatenate([np.full(length, (0.0, 0.7)[i % 2]) for i, length in enumerate(lengths)])[:1000]
    assert codes(run(**scores(lead))) == ["oscillation"]


def test_the_regular_swings_of_a_critic_are_compared_with_its_mean_lead(run, codes):
    assert codes(run(scores="critic", **scores(wave(60, -30, 50), noise=5))) == ["oscillation"]
    assert codes(run(scores="critic", **scores(wave(60, 90, 110), noise=1))) == []


@pytest.mark.parametrize(
    "lead",
    [wave(1e9, 0.4, 0.6), wave(60, 0.45, 0.65), wave(300, -0.1, 0.8), np.linspace(0, 1, 1000)],
    ids=["steady", "small swings", "slow swings", "a trend"],
)
def test_what_is_steady_small_or_slow_does_not_oscillate(run, codes, lead):
    assert codes(run(**scores(lead, noise=0.1))) == []


@pytest.mark.parametrize("memory", [0.0, 0.5, 0.9, 0.98, 1.0])
def test_aperiodic_noise_of_any_width_does_not_oscillate(run, codes, memory):
    for seed in range(20):
        random = np.random.default_rng(seed)
        lead = np.zeros(1000)
        for step in range(1, 1000):
            lead[step] = memory * lead[step - 1] + random.normal()
        assert codes(run(scores="critic", **scores(lead, seed=seed))) == []


def test_neither_a_single_recovery_nor_a_short_run_is_an_oscillation(run, codes):
    assert codes(run(**scores(np.where(abs(STEPS - 800) < 30, 0.0, 0.6)))) == []
    short = {name: values[:450] for name, values in scores(wave(60, -0.1, 0.8)).items()}
    assert codes(run(steps=450, **short)) == []
