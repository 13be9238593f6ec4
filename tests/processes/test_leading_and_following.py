"""A process that follows holds the state of the one that leads, whatever that does; each action is announced once."""

import pytest
import torch

from pipeline.errors.data import ReadingStopped
from pipeline.errors.processes import ProcessesDiffer
from pipeline.inspection.nonfinite import first_bad_tensor
from pipeline.inspection.walk import Walk
from pipeline.processes import following, leading
from pipeline.processes.state_bytes import from_bytes, to_bytes
from pipeline.training.state import Captured, JournalEntry
from pipeline.training.trainer import Trainer


def test_steps_stages_and_changes_reach_the_follower_at_the_same_step(lead, pair):
    trainer = lead()
    trainer.hand_over()
    trainer.slice(3, seconds=60)
    walk = Walk(trainer)
    walk.next()
    walk.next()
    trainer.set_live("generator_optimizer.learning_rate", 0.001)
    trainer.update_only("generator")
    trainer.slice(2, seconds=60)
    pair.end()
    assert pair.heard == [
        *("build", "restore", "step", "step", "step", "stage", "stage"),
        # A change finishes the half-done step, which is part of it.
        *("live", "update", "step", "step", "end"),
    ]
    assert_same(pair.follower.trainer.capture(), trainer.capture())
    assert trainer.state.step == 6
    assert sorted(trainer.state.counters.values()) == [6, 7]


def test_a_replay_makes_the_changes_again_in_both(lead, pair):
    trainer = lead()
    trainer.hand_over()
    trainer.slice(2, seconds=60)
    before = trainer.capture()
    trainer.slice(1, seconds=60)
    trainer.set_live("generator_optimizer.learning_rate", 0.001)
    trainer.update_only("generator")
    trainer.slice(1, seconds=60)
    after, journal = trainer.capture(), trainer.journal
    trainer.restore(before, journal)
    trainer.slice(2, seconds=60)
    pair.end()
    assert_same(trainer.capture(), after)
    assert_same(pair.follower.trainer.capture(), after)


def test_looking_for_what_is_not_finite_and_going_back_keeps_them_together(lead, pair):
    trainer = lead()
    trainer.hand_over()
    trainer.slice(1, seconds=60)
    here = trainer.capture()
    # Half a step, as far as the first bad tensor.
    with torch.no_grad():
        next(trainer.state.networks["generator"].parameters()).fill_(torch.nan)
    trainer.hand_over()
    assert first_bad_tensor(trainer) is not None
    trainer.restore(here)
    trainer.slice(1, seconds=60)
    pair.end()
    assert_same(pair.follower.trainer.capture(), trainer.capture())


def test_a_preparation_within_what_all_do_is_not_stopped_because_the_others_would_wait(lead, monkeypatch):
    def stop(doing, done, total):
        raise ReadingStopped(doing, done, total)

    trainer = lead()
    trainer.progress = stop
    prepared = []

    def prepare(progress, blamed):
        progress("Encoding images", 1, 2)
        prepared.append(progress)

    monkeypatch.setattr(trainer._plan, "prepare", prepare)
    trainer._inside = True
    trainer._prepare()
    assert len(prepared) == 1


def test_states_are_compared_in_both_before_one_is_saved(lead, pair, monkeypatch):
    compared = []
    for module in (leading, following):
        monkeypatch.setattr(module, "require_same_state", lambda state, *_: compared.append(state.step))
    trainer = lead()
    trainer.slice(2, seconds=60)
    leading.compare(trainer)
    # A run of a single process has nobody to compare itself with.
    leading.compare(Trainer(trainer.experiment, trainer.state))
    pair.end()
    assert pair.heard == ["build", "step", "step", "compare", "end"]
    assert compared == [2, 2]


def test_states_that_differ_are_refused_in_both_which_can_still_be_told_to_end(lead, pair, monkeypatch):
    def differ(state, *place):
        raise ProcessesDiffer("the weights of the generator", 1, state.step, *place)

    for module in (leading, following):
        monkeypatch.setattr(module, "require_same_state", differ)
    trainer = lead()
    with pytest.raises(ProcessesDiffer, match="At step 0, the weights of the generator in process 1 differ") as error:
        leading.compare(trainer)
    assert error.value.node_id == "training"
    assert not pair.group.broken
    pair.end()
    assert pair.code == 0


def test_a_broken_group_is_told_nothing_more(lead, pair):
    trainer = lead()
    pair.group.broken = True
    trainer.step()
    pair.group.broken = False
    pair.end()
    assert pair.heard == ["build", "end"]
    assert pair.follower.trainer.state.step == 0


def test_a_state_survives_the_way_to_another_process(lead):
    trainer = lead()
    trainer.set_live("generator_optimizer.learning_rate", 0.25)
    trainer.slice(2, seconds=60)
    journal = (*trainer.journal, JournalEntry(9, "generator_optimizer.learning_rate", 0.5))
    captured, whole = from_bytes(to_bytes(trainer.capture(), journal))
    assert_same(captured, trainer.capture())
    assert whole == journal


def assert_same(left: Captured, right: Captured) -> None:
    """All but the times they took, which are their own."""
    for kind in ("networks", "averages", "optimizers", "random"):
        torch.testing.assert_close(getattr(left, kind), getattr(right, kind), rtol=0, atol=0)
    for name in ("step", "counters", "images_seen", "live", "journal", "device"):
        assert getattr(left, name) == getattr(right, name)
