"""A fork copies everything that fits, and nothing else."""

from dataclasses import replace
from functools import partial

import pytest
import torch

from pipeline.training.experiment import begin
from pipeline.training.optimizer_part import OptimizerPart
from pipeline.training.trainer import Trainer
from pipeline.training.transfer import carry_over


@pytest.fixture
def trained(make_experiment):
    """The captured state after five steps."""
    trainer = Trainer.fresh(make_experiment())
    trainer.slice(5, seconds=60)
    return trainer.capture()


def test_equal_networks_are_carried_over_bit_for_bit(make_experiment, trained, same_bits):
    state = begin(make_experiment())
    carried = carry_over(trained, state)
    assert carried.networks == carried.optimizers == ("generator", "discriminator") and carried.reinitialised == ()
    same_bits(trained, state.capture())


def test_a_network_of_another_shape_is_reinitialised_and_the_other_carried_over(make_experiment, trained):
    wider = make_experiment("dcgan")
    other = make_experiment()
    mixed = replace(other, networks={**other.networks, "discriminator": wider.networks["discriminator"]})
    state = begin(mixed)
    fresh = {name: each.clone() for name, each in state.networks["discriminator"].state_dict().items()}
    carried = carry_over(trained, state)
    assert (carried.networks, carried.optimizers, carried.reinitialised) == (
        ("generator",), ("generator",), ("discriminator",),
    )  # fmt: skip
    for name, weight in state.networks["generator"].state_dict().items():
        assert torch.equal(weight, trained.networks["generator"][name])
    for name, weight in state.networks["discriminator"].state_dict().items():
        assert torch.equal(weight, fresh[name])
    for name, weight in state.averages["generator"].state_dict().items():
        assert torch.equal(weight, trained.averages["generator"][name])
    assert not state.optimizers["discriminator"].state_dict()["state"]


def test_counters_and_data_position_continue_and_settings_are_the_new_workflows(make_experiment, trained):
    experiment = make_experiment()
    rate = "generator_optimizer.learning_rate"
    state = begin(replace(experiment, live={**experiment.live, rate: 0.5}))
    carry_over(trained, state)
    assert (state.step, state.images_seen, state.counters["g_updates"]) == (5, 80, 5)
    assert state.live[rate] == 0.5 and state.journal == []


def test_an_optimizer_of_another_type_is_reinitialised_with_its_options(make_experiment, trained):
    experiment = make_experiment()
    other = OptimizerPart("generator_optimizer", lambda weights: torch.optim.SGD(weights, lr=0.25), {})
    state = begin(replace(experiment, optimizers={**experiment.optimizers, "generator": other}))
    carried = carry_over(trained, state)
    assert (carried.networks, carried.optimizers) == (("generator", "discriminator"), ("discriminator",))
    assert state.optimizers["generator"].param_groups[0]["lr"] == 0.25


def test_the_new_optimizers_options_apply_to_the_old_moments(make_experiment, trained):
    experiment = make_experiment()
    slow = OptimizerPart(
        "generator_optimizer", lambda weights: torch.optim.Adam(weights, lr=1e-5, betas=(0.5, 0.99), fused=True), {}
    )
    state = begin(replace(experiment, optimizers={**experiment.optimizers, "generator": slow}))
    carried = carry_over(trained, state)
    assert "generator" in carried.optimizers
    options = state.optimizers["generator"].state_dict()
    assert options["param_groups"][0]["lr"] == 1e-5
    assert options["state"][0]["step"].item() == 5


@pytest.mark.parametrize(
    ("before", "after", "kept"),
    [
        (partial(torch.optim.RMSprop), partial(torch.optim.RMSprop, momentum=0.9), True),
        (partial(torch.optim.RMSprop, momentum=0.9), partial(torch.optim.RMSprop), True),
        (partial(torch.optim.SGD), partial(torch.optim.SGD, momentum=0.9), True),
        (partial(torch.optim.Adam), partial(torch.optim.AdamW), False),
    ],
    ids=["momentum begins", "momentum ends", "SGD's momentum begins", "weights decay"],
)
def test_training_continues_with_an_optimizer_that_differs_in_one_option(make_experiment, before, after, kept):
    experiment = make_experiment()

    def moved_by(make):
        part = OptimizerPart("generator_optimizer", partial(make, lr=1e-3), {})
        return replace(experiment, optimizers={**experiment.optimizers, "generator": part})

    first = Trainer.fresh(moved_by(before))
    first.slice(2, seconds=60)
    forked = Trainer.fresh(moved_by(after))
    assert ("generator" in carry_over(first.capture(), forked.state).optimizers) == kept
    forked.slice(2, seconds=60)
    assert forked.state.step == 4
