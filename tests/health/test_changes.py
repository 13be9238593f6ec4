"""A loss that leaves its range after a live change, or after a fork."""

from dataclasses import replace

import numpy as np
import pytest

from pipeline.health.changes import after_live_change, off_parents_range
from pipeline.health.facts import Facts, ForkOrigin, LiveChange
from pipeline.health.hint import Suggestion
from tests.health.made_up import codes_of, only_hint
from tests.recorded.record import load

RATE = LiveChange(900, "Adam · Learning rate", 0.0002, 0.01, "Ada", "painter optimizer", "learning_rate")
FORKED = [off_parents_range(["painter"])]


@pytest.fixture
def changed(run):
    """`changed([9.0] * 100)`: 1,000 steps of which the last had these losses, with a live change at step 900."""

    def make(losses, *changes, names=("loss", "other_loss")):
        history = run(loss=losses, other_loss=1.0)
        return replace(history, losses=names, facts=Facts(changes=changes or (RATE,)))

    return make


def test_a_spike_after_a_live_change_cites_it_with_the_numbers(changed):
    hint = only_hint(changed([9.0] * 40 + [2.0] * 60), [after_live_change], "spike-after-change")
    assert hint.severity == "info"
    assert hint.text.startswith(
        "After Ada changed Adam · Learning rate from 0.0002 to 0.01 at step 900, loss went from "
    )
    assert hint.evidence["loss at its worst"] == 9.0 and hint.evidence["loss"] == 2.0
    assert hint.text.endswith("to 9 and is about 2 now.")
    assert hint.suggestions == (Suggestion("painter optimizer", "learning_rate"),)
    assert hint.since == 900 and "Go back to step 899 " in hint.remedy


def test_the_step_before_a_change_has_the_old_value_and_a_fork_that_began_with_it_has_no_such_step(changed):
    history = changed([9.0] * 100)
    fork = replace(history, facts=replace(history.facts, fork=ForkOrigin(900, {"loss": np.ones(100)})))
    hint = only_hint(fork, [after_live_change], "spike-after-change")
    assert hint.since == 901 and "Go back to step 900 " in hint.remedy


def test_a_loss_that_stays_off_its_range_is_a_warning(changed):
    hint = only_hint(changed([9.0] * 100), [after_live_change], "spike-after-change")
    assert hint.severity == "warning" and hint.text.endswith("and is still about 9.")


def test_a_slump_counts_only_where_losses_are_against_each_other(changed):
    assert codes_of(changed([0.1] * 100), [after_live_change]) == ["slump-after-change"]
    assert codes_of(changed([0.1] * 100, names=("loss",)), [after_live_change]) == []


def test_changes_of_one_step_are_told_together_and_the_later_of_two_is_blamed_for_what_follows_it(changed):
    other = replace(RATE, what="Adam · Beta1", before=0.9, after=0.5, who="")
    together = only_hint(changed([9.0] * 100, RATE, other), [after_live_change], "spike-after-change")
    assert "Learning rate from 0.0002 to 0.01 and Adam · Beta1 from 0.9 to 0.5 at step 900" in together.text
    later = changed([2.0] * 50 + [9.0] * 50, RATE, replace(RATE, step=950))
    assert only_hint(later, [after_live_change], "spike-after-change").evidence["step"] == 950


@pytest.mark.parametrize(
    ("losses", "step"),
    [([2.0] * 100, 900), ([2.3] * 100, 900), ([9.0] * 10, 990), ([9.0] * 1000, 300), ([9.0, 2.0] * 2, 900)],
    ids=["no effect", "a small effect", "too few steps since", "long ago", "single batches"],
)
def test_a_change_that_does_no_visible_harm_gives_no_hint(changed, losses, step):
    assert codes_of(changed(losses, replace(RATE, step=step)), [after_live_change]) == []


def test_without_a_change_there_is_no_hint_of_one(run):
    assert codes_of(replace(run(loss=[9.0] * 100), losses=("loss",)), [after_live_change]) == []


def recorded(steps, **facts):
    """The recorded healthy run after so many steps, with these facts."""
    from pipeline.health.history import History

    series = {name: values[:steps] for name, values in load("healthy").items()}
    losses = ("D_loss", "G_loss")
    return History(np.arange(1, steps + 1), series, "critic", trained=losses, losses=losses, facts=Facts(**facts))


def test_a_change_without_effect_is_never_blamed_in_a_recorded_run():
    found = {
        step: codes
        for step in range(150, 1400, 25)
        if (codes := codes_of(recorded(step + 100, changes=(replace(RATE, step=step),)), [after_live_change]))
    }
    assert found == {}


def forked(steps, at):
    """The recorded healthy run as if its steps after `at` were a fork."""
    whole = recorded(steps)
    before = {name: whole.series[name][max(0, at - 100) : at] for name in whole.losses}
    series = {name: values[at:] for name, values in whole.series.items()}
    return replace(whole, steps=whole.steps[at:], series=series, facts=Facts(fork=ForkOrigin(at, before)))


def test_a_fork_that_goes_on_like_its_parent_gives_no_hint():
    ends = [(at, at + own) for at in range(200, 1300, 50) for own in (50, 100, 200)]
    assert {(at, end): codes for at, end in ends if (codes := codes_of(forked(end, at), FORKED))} == {}


def test_a_fork_off_its_parents_range_is_told_with_the_range():
    history = forked(700, 600)
    history = replace(history, series={**history.series, "G_loss": history.series["G_loss"] + 3})
    hint = only_hint(history, FORKED, "fork-off-range")
    assert hint.evidence["G_loss low"] < 0.82 < hint.evidence["G_loss high"] and hint.evidence["G_loss"] > 3.5
    assert "Before the fork at step 600 the parent's G_loss was mostly between" in hint.text
    assert hint.suggestions == (Suggestion("painter optimizer", "learning_rate"),)


def test_a_fork_with_another_objective_is_not_compared_and_a_change_at_the_fork_is_blamed_instead():
    history = forked(700, 600)
    off = replace(history, series={**history.series, "G_loss": history.series["G_loss"] + 3})
    assert codes_of(replace(off, facts=Facts(fork=ForkOrigin(600))), FORKED) == []
    blamed = replace(off, facts=replace(off.facts, changes=(replace(RATE, step=600),)))
    assert codes_of(blamed, [*FORKED, after_live_change]) == ["spike-after-change"]
