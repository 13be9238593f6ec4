"""Single updates of one network, and replays of users' changes."""

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
def test_an_update_of_one_network_does_not_change_the_other(make_experiment, family, role, other):
    trainer = Trainer.fresh(make_experiment(family))
    trainer.slice(3, seconds=60)
    before, moved = weights(trainer, other), weights(trainer, role)
    optimizer = trainer.capture().optimizers[other]
    trainer.update_only(role)
    assert same(before, weights(trainer, other))
    assert str(optimizer) == str(trainer.capture().optimizers[other])
    assert not same(moved, weights(trainer, role))


def test_an_update_of_one_network_is_counted_and_recorded_but_is_not_a_step(make_experiment):
    trainer = Trainer.fresh(make_experiment())
    trainer.slice(3, seconds=60)
    seen = trainer.state.images_seen
    made = trainer.update_only("discriminator")
    assert trainer.state.step == 3
    assert trainer.state.counters == {"d_updates": 4, "g_updates": 3}
    assert trainer.state.images_seen == seen + 16
    assert trainer.state.journal == [JournalEntry(3, "only discriminator", 1.0)]
    assert made.keys() == {"D_loss", "D_real", "D_fake", "D_grad_norm"}
    assert trainer.update_only("generator").keys() == {"G_loss", "G_grad_norm"}
    assert (trainer.slice(2, seconds=60).first_step, trainer.state.counters["g_updates"]) == (4, 6)


def test_an_update_of_one_network_in_the_middle_of_a_step_finishes_the_step_first(make_experiment):
    trainer = Trainer.fresh(make_experiment())
    next(trainer.stages())
    trainer.update_only("generator")
    assert trainer.state.step == 1 and trainer.between_steps


def test_an_untrained_network_is_refused_with_the_trained_ones(make_experiment):
    trainer = Trainer.fresh(make_experiment())
    with pytest.raises(UnknownUpdate, match="it trains discriminator, generator"):
        trainer.update_only("encoder")
    assert trainer.state.counters == {"d_updates": 0, "g_updates": 0}


def test_an_update_that_is_not_finite_is_reported_at_once(make_experiment):
    trainer = Trainer.fresh(make_experiment())
    with torch.no_grad():
        next(trainer.state.networks["generator"].parameters()).fill_(torch.inf)
    with pytest.raises(NotFinite, match="G_loss became NaN or infinite"):
        trainer.update_only("generator")


@pytest.mark.parametrize("family", FAMILIES)
def test_a_replay_repeats_users_changes_bit_for_bit(make_experiment, same_bits, family):
    trainer = Trainer.fresh(make_experiment(family))
    trainer.slice(2, seconds=60)
    captured = trainer.capture()
    trainer.slice(1)
    trainer.update_only("discriminator")
    trainer.update_only("discriminator")
    trainer.set_live(RATE, 0.01)
    trainer.slice(2, seconds=60)
    trainer.update_only("generator")
    trainer.set_live(UPDATES, 3.0)
    trainer.slice(3, seconds=60)
    expected = trainer.capture()
    trainer.restore(captured, expected.journal)
    assert trainer.slice(6, seconds=60).steps == 6
    same_bits(expected, trainer.capture())


def test_a_walked_replay_repeats_users_changes_too(make_experiment, same_bits):
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


def test_later_journal_entries_can_be_dropped(make_experiment):
    trainer = Trainer.fresh(make_experiment())
    captured = trainer.capture()
    trainer.slice(1)
    trainer.set_live(RATE, 0.01)
    trainer.restore(captured, trainer.state.journal)
    trainer.drop_replay()
    trainer.slice(3, seconds=60)
    assert trainer.state.live[RATE] == 0.002
    assert trainer.state.journal == []


def test_the_number_of_discriminator_updates_changes_from_the_next_step_on(make_experiment):
    trainer = Trainer.fresh(make_experiment())
    trainer.slice(2, seconds=60)
    trainer.set_live(UPDATES, 4.0)
    trainer.slice(1)
    assert trainer.state.counters == {"d_updates": 6, "g_updates": 3}
    walked = list(trainer.stages())
    assert [stage.number for stage in walked] == list(range(1, len(walked) + 1))
    assert {stage.of for stage in walked} == {len(walked)}
    assert sum(stage.name == "update" for stage in walked) == 5


def test_the_next_stage_is_known_in_advance(make_experiment):
    trainer = Trainer.fresh(make_experiment("wgan-gp", discriminator_updates=2))
    for _ in range(2):
        while True:
            update, operation = trainer.upcoming
            stage = next(trainer.stages())
            assert (stage.update, stage.operation) == (update.name, operation)
            if trainer.between_steps:
                break


def test_a_watch_gets_every_step_and_can_stop_training(make_experiment, same_bits):
    experiment = make_experiment()
    plain = Trainer.fresh(experiment)
    expected = plain.slice(7, seconds=60)
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
