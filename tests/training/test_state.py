"""TrainState: captured states share no memory with the running one, and the moving average follows its formula."""

from copy import deepcopy
from dataclasses import replace

import pytest
import torch

from pipeline.training.experiment import begin
from pipeline.training.trainer import Trainer

FAMILIES = ["mlp", "dcgan"]


@pytest.mark.parametrize("family", FAMILIES)
def test_training_on_does_not_change_what_was_captured(make_experiment, same_bits, family):
    trainer = Trainer.fresh(make_experiment(family))
    trainer.slice(2, seconds=60)
    captured = trainer.capture()
    kept = deepcopy(captured)
    trainer.slice(2, seconds=60)
    same_bits(captured, kept)


@pytest.mark.parametrize("family", FAMILIES)
def test_training_on_after_a_restore_does_not_change_what_was_restored(make_experiment, same_bits, family):
    trainer = Trainer.fresh(make_experiment(family))
    trainer.slice(2, seconds=60)
    captured = trainer.capture()
    kept = deepcopy(captured)
    trainer.restore(captured)
    trainer.slice(2, seconds=60)
    same_bits(captured, kept)


@pytest.mark.parametrize("family", FAMILIES)
def test_training_after_a_restore_is_reproduced_bit_for_bit(make_experiment, same_bits, family):
    trainer = Trainer.fresh(make_experiment(family))
    trainer.slice(3, seconds=60)
    captured = trainer.capture()
    trainer.slice(4, seconds=60)
    first = trainer.capture()
    trainer.restore(captured)
    trainer.slice(4, seconds=60)
    same_bits(first, trainer.capture())


def test_restoring_step_zero_resets_the_optimizers(make_experiment, same_bits):
    trainer = Trainer.fresh(make_experiment())
    beginning = trainer.capture()
    trainer.slice(2, seconds=60)
    trainer.restore(beginning)
    assert not trainer.state.optimizers["generator"].state
    same_bits(beginning, trainer.capture())


def test_an_experiment_can_begin_twice(make_experiment, same_bits):
    experiment = make_experiment()
    ends = []
    for _ in range(2):
        trainer = Trainer.fresh(experiment)
        trainer.slice(3, seconds=60)
        ends.append(trainer.capture())
    same_bits(*ends)


def test_another_seed_gives_another_run(make_experiment):
    networks = [begin(make_experiment(seed=seed)).networks["generator"] for seed in (1, 2)]
    assert not torch.equal(*(next(network.parameters()) for network in networks))


def test_the_average_is_exponential_over_the_weights_of_all_steps(make_experiment):
    trainer = Trainer.fresh(make_experiment("mlp", ema_halflife_images=40))
    decay = 0.5 ** (16 / 40)
    weight = next(trainer.state.networks["generator"].parameters())
    expected = weight.detach().clone()
    for _ in range(4):
        trainer.step()
        expected = decay * expected + (1 - decay) * weight.detach()
    averaged = next(trainer.state.averages["generator"].parameters())
    torch.testing.assert_close(averaged, expected)


def test_the_average_has_the_batch_statistics_of_the_network(make_experiment):
    trainer = Trainer.fresh(make_experiment("dcgan"))
    trainer.slice(3, seconds=60)
    network, average = trainer.state.networks["generator"], trainer.state.averages["generator"]
    pairs = list(zip(network.buffers(), average.buffers(), strict=True))
    assert pairs
    assert all(torch.equal(*pair) for pair in pairs)


def test_with_a_half_life_of_zero_the_raw_network_is_used(make_experiment):
    state = begin(make_experiment(ema_halflife_images=0))
    assert not state.averages
    assert state.network("generator", "ema") is state.networks["generator"]


def test_restoring_sets_the_thread_count_of_the_run(make_experiment):
    state = begin(make_experiment())
    captured = state.capture()
    torch.set_num_threads(2)
    state.restore(captured)
    assert torch.get_num_threads() == 1


def test_a_state_from_another_device_type_gets_new_random_numbers(make_experiment):
    trainer = Trainer.fresh(make_experiment())
    trainer.slice(2, seconds=60)
    ours = trainer.capture()
    trainer.restore(replace(ours, device="cuda", random={}))
    trainer.slice(1)
    assert trainer.state.step == 3
    assert not torch.equal(trainer.state.random.get_state(), ours.random["noise"])
