"""Rewind: the same weights again, within the memory budget."""

from itertools import pairwise

import pytest

from pipeline.errors.training import CannotRewind
from pipeline.inspection.rewind import MOST_SNAPSHOTS, Rewind
from pipeline.training.trainer import Trainer

RATE = "generator_optimizer.learning_rate"


def train(trainer, rewind, steps):
    """Train as an engine does, with a snapshot before each slice."""
    for _ in range(steps):
        rewind.remember()
        trainer.step()
        rewind.note(trainer.state.step)


def go_to(trainer, rewind, step, stored=None):
    rewind.restore_nearest(step, stored or {})
    while trainer.state.step < step:
        trainer.step()


@pytest.mark.parametrize("family", ["mlp", "dcgan", "wgan-gp"])
def test_back_ten_steps_and_forward_ten_gives_the_same_weights(make_experiment, same_bits, family):
    trainer = Trainer.fresh(make_experiment(family))
    rewind = Rewind(trainer, first=0)
    train(trainer, rewind, 6)
    trainer.update_only("discriminator")
    rewind.note(6)
    train(trainer, rewind, 3)
    trainer.set_live(RATE, 0.01)
    rewind.note(9)
    train(trainer, rewind, 5)
    there = trainer.capture()
    go_to(trainer, rewind, 4)
    assert (trainer.state.step, rewind.behind_head, rewind.head) == (4, True, 14)
    assert trainer.state.live[RATE] == 0.002
    go_to(trainer, rewind, 14)
    assert not rewind.behind_head
    same_bits(there, trainer.capture())
    go_to(trainer, rewind, 4)
    trainer.slice(10, seconds=60)
    same_bits(there, trainer.capture())


def test_a_step_between_two_snapshots_is_reached_by_a_replay(make_experiment, same_bits):
    trainer = Trainer.fresh(make_experiment())
    rewind = Rewind(trainer, first=0)
    rewind.remember()
    trainer.slice(5, seconds=60)
    fifth = trainer.capture()
    trainer.slice(4, seconds=60)
    rewind.note(9)
    go_to(trainer, rewind, 5)
    same_bits(fifth, trainer.capture())


def test_a_snapshot_is_replaced_after_a_users_change(make_experiment):
    trainer = Trainer.fresh(make_experiment())
    rewind = Rewind(trainer, first=0)
    train(trainer, rewind, 2)
    rewind.remember()
    trainer.update_only("discriminator")
    rewind.note(2)
    rewind.remember()
    train(trainer, rewind, 1)
    rewind.restore_nearest(2, {})
    assert trainer.state.counters["d_updates"] == 3


def test_a_rewind_discards_a_half_done_step(make_experiment, same_bits):
    trainer = Trainer.fresh(make_experiment())
    rewind = Rewind(trainer, first=0)
    train(trainer, rewind, 3)
    rewind.remember()
    before = trainer.capture()
    next(trainer.stages())
    rewind.restore_nearest(3, {})
    same_bits(before, trainer.capture())


def test_snapshots_stay_within_their_budget_and_are_denser_near_the_present(make_experiment):
    trainer = Trainer.fresh(make_experiment())
    trainer.slice(1)
    size = trainer.capture().size
    rewind = Rewind(trainer, first=1, budget=10 * size)
    train(trainer, rewind, 60)
    steps = rewind.steps
    assert len(steps) == 10 and rewind.size <= rewind.budget
    assert steps[0] == 1 and steps[-1] == 60
    gaps = [after - before for before, after in pairwise(steps)]
    assert gaps[-1] == 1 and max(gaps) >= 8
    assert sum(gaps[: len(gaps) // 2]) > 4 * sum(gaps[len(gaps) // 2 :])


def test_a_smaller_budget_drops_snapshots_and_zero_keeps_none(make_experiment):
    trainer = Trainer.fresh(make_experiment())
    rewind = Rewind(trainer, first=0)
    train(trainer, rewind, 8)
    rewind.set_budget(2 * trainer.capture().size)
    assert len(rewind.steps) == 2 and rewind.steps[-1] == 7
    rewind.set_budget(0)
    train(trainer, rewind, 2)
    assert (rewind.steps, rewind.size) == ([], 0)


def test_the_number_of_snapshots_is_limited(make_experiment):
    trainer = Trainer.fresh(make_experiment())
    rewind = Rewind(trainer, first=0)
    train(trainer, rewind, MOST_SNAPSHOTS + 5)
    assert len(rewind.steps) == MOST_SNAPSHOTS


def test_a_checkpoint_is_used_if_there_is_no_snapshot(make_experiment, same_bits):
    trainer = Trainer.fresh(make_experiment())
    rewind = Rewind(trainer, first=0, budget=0)
    trainer.slice(2, seconds=60)
    saved = trainer.capture()
    trainer.slice(3, seconds=60)
    fifth = trainer.capture()
    trainer.slice(3, seconds=60)
    rewind.note(8)
    go_to(trainer, rewind, 5, {0: lambda: pytest.fail("the nearer one was there"), 2: lambda: saved})
    same_bits(fifth, trainer.capture())


@pytest.mark.parametrize("step", [-1, 3, -(10**12)])
def test_a_rewind_before_the_first_step_is_refused_and_changes_nothing(make_experiment, same_bits, step):
    trainer = Trainer.fresh(make_experiment())
    trainer.slice(5, seconds=60)
    rewind = Rewind(trainer, first=5)
    train(trainer, rewind, 2)
    before = trainer.capture()
    with pytest.raises(CannotRewind, match="the earliest step that this run can return to is 5"):
        rewind.restore_nearest(step, {})
    same_bits(before, trainer.capture())
