"""Checkups are recognised by the series measured with every sample grid, regardless of their names."""

from dataclasses import replace

import numpy as np

from pipeline.health.history import History

STEPS = np.arange(1, 401)
CHECKUP = STEPS // 50


def test_a_checkup_is_a_step_at_which_any_of_its_series_changes():
    still = np.where(STEPS < 250, 0.5, 0.75)
    series = {"sharpness": still, "other": CHECKUP.astype(float), "loss": np.sin(STEPS)}
    history = History(STEPS, series, "critic", checkup=("sharpness", "other"))
    steps, values = history.checkups("sharpness")
    assert steps.tolist() == [150, 200, 250, 300, 350, 400]
    assert values[:, 0].tolist() == [0.5, 0.5, 0.75, 0.75, 0.75, 0.75]


def test_without_declared_checkup_series_the_requested_ones_are_used():
    history = History(STEPS, {"sharpness": CHECKUP.astype(float)}, "critic")
    for names in ((), ("never_measured",)):
        steps, _ = replace(history, checkup=names).checkups("sharpness")
        assert steps.tolist() == [150, 200, 250, 300, 350, 400]


def test_known_steps_of_checkups_are_used_even_if_their_values_are_equal():
    history = History(
        STEPS, {"sharpness": np.ones(400)}, "critic", ("sharpness",), measured=np.array([50, 150, 160, 400])
    )
    assert history.checkups("sharpness")[0].tolist() == [150, 160, 400]
