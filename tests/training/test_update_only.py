"""Updating one network by itself, and replaying what was done by hand."""

import pytest
import torch

from pipeline.errors.training import NotFinite, UnknownUpdate
from pipeline.training.state import JournalEntry
from pipeline.training.trainer import Trainer

FAMILIES = ["mlp", "dcgan", "wgan-gp"]
RATE = "generator_optimizer.learning_rate"
UPDATES = "training.discriminator_updates"


def weights(trainer, role):
    return {name: each.clone() for name, each in trainer.state.networks[role].state_dict().items()}


def same(left, right):
    return all(torch.equal(left[name], right[name]) for name in left)


@pytest.mark.parametrize(("role", "other"), [("discriminator", "generator"), ("generator", "discriminator")])
@pytest.mark.parametrize("family", FAMILIES)
def test_an_update_of_one_network_leaves_every_byte_of_the_other(make_experiment, family, role, other):
    trainer = Trainer.fresh(make_experiment(family))
    trainer.slice(3)
    before, moved = weights(trainer, other), weights(trainer, role)
    optimizer = trainer.capture().optimizers[other]
    trainer.update_only(role)
    assert same(before, weights(trainer, other))
    assert str(optimizer) == str(trainer.capture().optimizers[other])
    assert not same(moved, weights(trainer, role))


def test_an_update_of_one_network_is_no_step_but_is_counted_and_kept_in_the_journal(make_experiment):
    trainer = Trainer.fresh(make_experiment())
    trainer.slice(3)
    seen = trainer.state.images_seen
    made = trainer.update_only("discriminator")
    assert trainer.state.step == 3
    assert trainer.state.counters == {"d_updates": 4, "g_updates": 3}
    assert trainer.state.images_seen == seen + 16
    assert trainer.state.journal == [JournalEntry(3, "only discriminator", 1.0)]
    assert made.keys() == {"D_loss", "D_real", "D_fake", "D_grad_norm"}
    assert trainer.update_only("generator").keys() == {"G_loss", "G_grad_norm"}
    assert (trainer.slice(2).first_step, trainer.state.counters["g_updates"]) == (4, 6)


def test_an_update_of_one_network_in_the_middle_of_a_step_finishes_the_step_first(make_experiment):
    trainer = Trainer.fresh(make_experiment())
    next(trainer.stages())
    trainer.update_only("generator")
    assert trainer.state.step == 1 and trainer.between_steps


def test_a_network_that_is_not_trained_is_refused_with_those_that_are(make_experiment):
    trainer = Trainer.fresh(make_experiment())
    with pytest.raises(UnknownUpdate, match="updates discriminator, generator"):
        trainer.update_only("encoder")
    assert trainer.state.counters == {"d_updates": 0, "g_updates": 0}


def test_an_update_that_goes_bad_is_said_at_once(make_experiment):
    trainer = Trainer.fresh(make_experiment())
    with torch.no_grad():
        next(trainer.state.networks["generator"].parameters()).fill_(torch.inf)
    with pytest.raises(NotFinite, match="G_loss became NaN or infinite"):
        trainer.update_only("generator")


@pytest.mark.parametrize("family", FAMILIES)
def test_a_replay_does_again_what_was_done_by_hand_bit_for_bit(make_experiment, same_bits, family):
    trainer = Trainer.fresh(make_experiment(family))
    trainer.slice(2)
    captured = trainer.capture()
    trainer.slice(1)
    trainer.update_only("discriminator")
    trainer.update_only("discriminator")
    trainer.set_live(RATE, 0.01)
    trainer.slice(2)
    trainer.update_only("generator")
    trainer.set_live(UPDATES, 3.0)
    trainer.slice(3)
    expected = trainer.capture()
    trainer.restore(captured, expected.journal)
    assert trainer.slice(6, seconds=60).steps == 6
    same_bits(expected, trainer.capture())


def test_a_replay_that_is_walked_slowly_does_so_too(make_experiment, same_bits):
    trainer = Trainer.fresh(make_experiment("dcgan"))
    captured = trainer.capture()
    trainer.slice(1)
    trainer.update_only("discriminator")
    trainer.slice(1)
    expected = trainer.capture()
    trainer.restore(captured, expected.journal)
    for _ in range(2):
        for _ in trainer.stages():
            pass
    same_bits(expected, trainer.capture())


def test_what_lies_ahead_can_be_forgotten(make_experiment):
    trainer = Trainer.fresh(make_experiment())
    captured = trainer.capture()
    trainer.slice(1)
    trainer.set_live(RATE, 0.01)
    trainer.restore(captured, trainer.state.journal)
    trainer.forget_ahead()
    trainer.slice(3)
    assert trainer.state.live[RATE] == 0.002
    assert trainer.state.journal == []


def test_the_discriminators_updates_a_step_change_from_the_next_step_on(make_experiment):
    trainer = Trainer.fresh(make_experiment())
    trainer.slice(2)
    trainer.set_live(UPDATES, 4.0)
    trainer.slice(1)
    assert trainer.state.counters == {"d_updates": 6, "g_updates": 3}
    walked = list(trainer.stages())
    assert [stage.number for stage in walked] == list(range(1, len(walked) + 1))
    assert {stage.of for stage in walked} == {len(walked)}
    assert sum(stage.name == "update" for stage in walked) == 5


def test_what_comes_next_is_known_before_it_is_done(make_experiment):
    trainer = Trainer.fresh(make_experiment("wgan-gp", discriminator_updates=2))
    for _ in range(2):
        while True:
            update, operation = trainer.upcoming
            stage = next(trainer.stages())
            assert (stage.update, stage.operation) == (update.name, operation)
            if trainer.between_steps:
                break


def test_a_watch_is_told_of_every_step_and_ends_training_at_the_one_it_chooses(make_experiment, same_bits):
    experiment = make_experiment()
    plain = Trainer.fresh(experiment)
    expected = plain.slice(7)
    plain_state = plain.capture()
    watched = Trainer.fresh(experiment)
    told = []

    def at_seven(step, values):
        told.append((step, values["D_loss"]))
        return step == 7

    got = watched.slice(50, seconds=60, watch=at_seven)
    assert got.steps == 7
    assert told == [(step + 1, float(expected.values[step, 0])) for step in range(7)]
    same_bits(plain_state, watched.capture())
