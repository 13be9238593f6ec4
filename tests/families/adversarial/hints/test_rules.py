"""All GAN rules together: no hints on a healthy run, their order, and arbitrary histories."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from pipeline.families.adversarial.rules import RULES
from pipeline.formatting import number
from pipeline.health.hint import SEVERITIES
from pipeline.health.history import History
from pipeline.health.rules import hints

TRAINED = (
    "D_loss", "G_loss", "D_real", "D_fake", "D_grad_norm", "G_grad_norm", "gradient_penalty", "critic_slope",
)  # fmt: skip
CHECKUP = ("diversity", "energy_distance", "D_train", "D_held_out", "r_t", "dead_units")
NAMES = [*TRAINED, *CHECKUP, "images_per_second", "seconds", "something_new"]


def history_of(steps, series, scores):
    return History(steps, series, scores, CHECKUP, TRAINED)


@pytest.mark.parametrize("steps", [1, 20, 250, 299, 300, 301, 500, 1000, 5000])
@pytest.mark.parametrize("scores", ["probability", "critic"])
def test_a_healthy_run_gets_no_hint_at_any_age(run, codes, steps, scores):
    assert codes(run(steps=steps, scores=scores)) == []


def test_the_last_steps_of_a_long_run_are_judged_like_a_whole_run(run, codes):
    assert codes(run(first=90_001)) == []
    assert codes(run(first=90_001, diversity=[0.2] * 20)) == ["mode-collapse"]


def test_even_very_bad_first_steps_get_no_hint(run, codes):
    bad = {"D_real": 1.0, "D_fake": 0.0, "G_grad_norm": 1e-9, "diversity": [0.01] * 5, "dead_units": [1.0] * 5}
    assert codes(run(steps=20, **bad)) == codes(run(steps=200, **bad)) == codes(run(steps=299, **bad)) == []


def test_a_run_without_recorded_values_gets_no_hint():
    nothing = np.empty(0)
    assert hints(history_of(nothing.astype(np.int64), {}, "probability"), RULES) == ()
    assert hints(history_of(nothing.astype(np.int64), dict.fromkeys(NAMES, nothing), "probability"), RULES) == ()
    assert hints(history_of(np.arange(1, 1001), {}, "probability"), RULES) == ()
    assert hints(history_of(np.arange(1, 1001), dict.fromkeys(NAMES, np.full(1000, np.nan)), "critic"), RULES) == ()


@pytest.mark.parametrize("missing", ["D_loss", "G_loss", "D_real", "D_fake", "D_grad_norm", "diversity", "r_t"])
def test_a_missing_series_silences_only_the_rules_that_read_it(run, codes, missing):
    assert codes(run(**{missing: None})) == []
    assert codes(run(**{missing: None}, G_grad_norm=1e-9)) == ["vanishing-generator-gradient"]


def test_the_most_severe_hint_comes_first(run):
    history = run(
        D_real=0.99,
        D_fake=0.01,
        G_grad_norm=1e-6,
        diversity=[0.2] * 9,
        D_grad_norm=np.where(np.arange(1000) % 3, 1, 1e7),
    )
    found = hints(history, RULES)
    assert [hint.code for hint in found] == [
        "exploding-discriminator-gradients", "vanishing-generator-gradient", "mode-collapse", "discriminator-wins",
    ]  # fmt: skip
    places = [SEVERITIES.index(hint.severity) for hint in found]
    assert places == sorted(places)


def anything(steps):
    """Values of every kind: arbitrary and special numbers, constants, and non-finite values."""
    wild = st.floats(width=32) | st.sampled_from([0.0, 0.5, 1.0, np.nan, np.inf, -np.inf, 1e-45, 3e38])
    return arrays.arrays(np.float32, steps, elements=wild) | wild.map(lambda value: np.full(steps, value, np.float32))


@st.composite
def histories(draw):
    steps = draw(st.sampled_from([0, 1, 2, 3, 99, 200, 301, 520]))
    names = draw(st.sets(st.sampled_from(NAMES)))
    first = draw(st.sampled_from([1, 77, 10_000_000]))
    series = {name: draw(anything(steps)) for name in sorted(names)}
    return history_of(np.arange(first, first + steps), series, draw(st.sampled_from(["probability", "critic"])))


@settings(max_examples=60, deadline=None)
@given(histories(), st.randoms(use_true_random=False))
def test_any_history_can_be_judged_and_always_gives_the_same_hints(history, random):
    found = hints(history, RULES)
    names = list(history.series)
    random.shuffle(names)
    copied = history_of(history.steps.copy(), {name: history.series[name].copy() for name in names}, history.scores)
    assert repr(hints(copied, RULES)) == repr(found)
    for hint in found:
        assert hint.text.endswith(".") and hint.remedy.endswith(".") and hint.suggestions
        assert all(number(value) in hint.text or f"{value:,.0f}" in hint.text for value in hint.evidence.values())


@settings(max_examples=30, deadline=None)
@given(st.floats(0, 10), st.floats(0, 1), st.integers(0, 1000))
def test_doubles_of_any_size_do_not_overflow_into_an_error(large, small, seed):
    random = np.random.default_rng(seed)
    sizes = 10.0 ** random.uniform(-300, 300, (len(NAMES), 600))
    series = {name: sizes[place] * random.choice([-1, large, small]) for place, name in enumerate(NAMES)}
    for scores in ("probability", "critic"):
        hints(history_of(np.arange(1, 601), series, scores), RULES)
