"""Phases: which one a step belongs to, and what the grid drawn after it shows."""

import pytest

from pipeline.nodes.phases import Phase, grid_at, phase_at, too_late, untrained

PHASES = (
    Phase("first", 0, 600, "reconstructions", ("encoder", "decoder")),
    Phase("second", 600, None, roles=("denoiser",)),
)


@pytest.mark.parametrize(
    ("step", "of_next", "drawn"),
    [(0, "first", "reconstructions"), (599, "first", "reconstructions"), (600, "second", "reconstructions"),
     (601, "second", "samples")],
)  # fmt: skip
def test_a_grid_belongs_to_the_step_before_it(step, of_next, drawn):
    assert phase_at(PHASES, step).update == of_next
    assert grid_at(PHASES, step, "samples") == drawn


def test_a_training_without_phases_has_one_kind_of_grid():
    assert phase_at((), 5) is None and grid_at((), 5, "reconstructions") == "reconstructions"


def test_a_phase_says_how_far_it_is():
    assert PHASES[0].place(120, 2000) == "first, step 120 of 600"
    assert PHASES[1].place(1000, 2000) == "second, step 400 of 1,400"
    assert [each.steps for each in PHASES] == ["steps 1 to 600", "steps 601 on"]


@pytest.mark.parametrize(
    ("reinitialised", "step", "beginning"),
    [
        (("encoder",), 599, ""),
        (("encoder",), 600, "Encoder is never trained: that was for steps 1 to 600."),
        (("decoder", "denoiser", "encoder"), 900, "Encoder and decoder are never trained"),
        (("denoiser",), 5000, ""),
        ((), 900, ""),
    ],
)
def test_a_fork_after_a_phase_does_not_train_its_networks(reinitialised, step, beginning):
    told = too_late(PHASES, reinitialised, step)
    assert told.startswith(beginning) and bool(told) == bool(beginning)


def test_images_drawn_before_the_last_phase_are_noise():
    assert untrained(PHASES, 600).startswith("At step 600, the second is not trained yet (that is for steps 601 on)")
    assert untrained(PHASES, 601) == untrained((), 0) == ""
