"""The hint on learning rates that are 0 by their schedules."""

from dataclasses import replace

import numpy as np
import pytest

from pipeline.health.facts import Facts
from pipeline.health.history import History
from pipeline.health.rates import resting

RULE = resting(("encoder", "decoder"))


def history(**rates):
    count = len(next(iter(rates.values())))
    series = {name: np.asarray(values, np.float32) for name, values in rates.items()}
    return History(np.arange(1, count + 1), series, "critic", rates=tuple(rates))


def decay(zeros):
    return [*np.linspace(1e-3, 0, 20), *[0.0] * zeros]


def test_rates_that_have_been_zero_for_some_steps_are_told_with_what_to_change():
    hint = RULE(history(encoder_learning_rate=decay(10), decoder_learning_rate=decay(10)))
    assert hint is not None and hint.code == "learning-rate-zero"
    assert "encoder_learning_rate 0 and decoder_learning_rate 0: nothing is trained any more" in hint.text
    assert {each.parameter for each in hint.suggestions} == {"end_factor", "step_factor"}


def test_one_resting_network_is_told_too():
    hint = RULE(history(encoder_learning_rate=decay(10), decoder_learning_rate=[1e-3] * 30))
    assert hint is not None and "its network is not trained any more" in hint.text


@pytest.mark.parametrize(
    "rates",
    [decay(5), [1e-3] * 30, [*np.linspace(1e-3, 1e-5, 20), *[1e-5] * 20], [0.0] * 5, [np.nan] * 30],
    ids=["just ended", "constant", "a hundredth", "too short", "not finite"],
)
def test_a_rate_that_moves_or_is_large_enough_is_no_reason_for_a_hint(rates):
    assert RULE(history(encoder_learning_rate=rates)) is None


def test_a_tiny_end_factor_counts_as_zero():
    assert RULE(history(encoder_learning_rate=[*np.linspace(1e-3, 1e-8, 20), *[1e-8] * 20])) is not None


def test_the_number_of_steps_that_remain_is_told_and_at_the_end_of_the_plan_nothing_is_lost():
    zero = history(encoder_learning_rate=decay(10))
    hint = RULE(replace(zero, facts=Facts(total_steps=130)))
    assert (
        hint is not None and hint.evidence["steps left"] == 100 and ", while 100 steps of the plan remain:" in hint.text
    )
    assert RULE(replace(zero, facts=Facts(total_steps=30))) is None
