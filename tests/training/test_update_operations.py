"""The last stages of an update: gradients and their norms, clipping, and the scheduled learning rate."""

from dataclasses import replace

import pytest
import torch

from pipeline.training.experiment import begin
from pipeline.training.optimizer_part import OptimizerPart
from pipeline.training.schedule import Schedule
from pipeline.training.trainer import Trainer
from pipeline.training.update_operations import gradients, optimizer_step

RATE = "generator_optimizer.learning_rate"
CLIP = "generator_optimizer.clip_norm"
HALVED = Schedule("step", step_every=1, step_factor=0.5)


@pytest.fixture
def state(make_experiment):
    return begin(make_experiment())


def plain(clip_norm: str = "", schedule: Schedule | None = None) -> OptimizerPart:
    """Plain gradient descent: each step is the gradient times the learning rate."""
    return OptimizerPart(
        "generator_optimizer", lambda weights: torch.optim.SGD(weights, lr=1.0), {"lr": RATE}, clip_norm, schedule
    )


def flat(network) -> torch.Tensor:
    return torch.cat([weights.detach().flatten() for weights in network.parameters()])


def loss_of(state, *roles):
    return sum(sum(weights.square().sum() for weights in state.networks[role].parameters()) for role in roles)


def moved(state, part: OptimizerPart) -> tuple[torch.Tensor, torch.Tensor, dict]:
    """The gradient of a loss for the generator's weights, their change by the optimizer step, and its metrics."""
    network = state.networks["generator"]
    state.optimizers["generator"] = part.make(list(network.parameters()))
    part.apply_live(state.optimizers["generator"], state.live)
    made = gradients(("generator",), "generator", "loss", "norm").run(state, {"loss": loss_of(state, "generator")})
    gradient = torch.cat([weights.grad.flatten() for weights in network.parameters()])
    before = flat(network)
    added = optimizer_step("generator", part, 100, norm="norm", rate="rate").run(state, made)
    return gradient, flat(network) - before, dict(added)


def test_the_norm_is_of_the_whole_gradient(state):
    made = gradients(("generator",), "generator", "loss", "norm").run(state, {"loss": loss_of(state, "generator")})
    torch.testing.assert_close(made["norm"], 2 * flat(state.networks["generator"]).norm())


def test_an_update_of_two_networks_records_each_norm_and_their_joint_norm(state):
    loss = loss_of(state, "generator", "discriminator")
    made = gradients(("generator", "discriminator"), "training", "loss", "grad_norm").run(state, {"loss": loss})
    norms = [2 * flat(state.networks[role]).norm() for role in ("generator", "discriminator")]
    torch.testing.assert_close(made["grad_norm: generator"], norms[0])
    torch.testing.assert_close(made["grad_norm: discriminator"], norms[1])
    torch.testing.assert_close(made["grad_norm"], torch.stack(norms).norm())


def test_a_gradient_longer_than_the_clip_norm_is_scaled_to_it(state):
    state.live |= {RATE: 1.0, CLIP: 0.5}
    gradient, change, _ = moved(state, plain(CLIP))
    assert gradient.norm() > 0.5
    torch.testing.assert_close(change, -0.5 * gradient / gradient.norm(), rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("limit", [0.0, 1e6])
def test_shorter_gradients_and_a_clip_norm_of_zero_are_not_clipped(state, limit):
    state.live |= {RATE: 0.25, CLIP: limit}
    gradient, change, _ = moved(state, plain(CLIP))
    torch.testing.assert_close(change, -0.25 * gradient, rtol=1e-5, atol=1e-7)


def test_the_recorded_norm_is_the_one_before_clipping(make_experiment):
    recorded = {}
    for limit in (0.0, 1e-3):
        experiment = make_experiment()
        clipped = replace(experiment.optimizers["generator"], clip_norm=CLIP)
        experiment = make_experiment(generator_optimizer=clipped)
        experiment = replace(experiment, live={**experiment.live, CLIP: limit})
        done = Trainer.fresh(experiment).step()
        recorded[limit] = done.values[0, done.names.index("G_grad_norm")]
    assert recorded[0.0] == recorded[1e-3] > 1e-3


def test_a_schedule_multiplies_the_live_learning_rate_and_records_it(state):
    state.live[RATE] = 0.5
    state.step = 3
    gradient, change, made = moved(state, plain(schedule=HALVED))
    assert made["rate"].item() == 0.5 * 0.5**3
    torch.testing.assert_close(change, -(0.5**4) * gradient, rtol=1e-5, atol=1e-7)


def test_without_a_schedule_no_rate_is_recorded(state):
    state.live[RATE] = 0.5
    assert moved(state, plain())[2] == {}


def test_a_rewind_does_not_affect_the_schedule(make_experiment, same_bits):
    schedule = Schedule("cosine", warmup_steps=3)
    adam = replace(make_experiment().optimizers["generator"], schedule=schedule)
    trainer = Trainer.fresh(make_experiment(generator_optimizer=adam))
    trainer.slice(2, seconds=60)
    at_two = trainer.capture()
    trainer.slice(4, seconds=60)
    at_six = trainer.capture()
    trainer.restore(at_two)
    trainer.slice(4, seconds=60)
    same_bits(at_six, trainer.capture())


def test_a_live_change_is_the_new_base_of_the_schedule(make_experiment):
    adam = replace(make_experiment().optimizers["generator"], schedule=HALVED)
    trainer = Trainer.fresh(make_experiment(generator_optimizer=adam))
    before = trainer.slice(2, seconds=60)
    trainer.set_live(RATE, 1e-4)
    after = trainer.slice(1)
    rates = [
        *before.values[:, before.names.index("G_learning_rate")],
        after.values[0, after.names.index("G_learning_rate")],
    ]
    assert rates == pytest.approx([0.002, 0.001, 0.25e-4], rel=1e-6)
    assert "D_learning_rate" not in before.names


def test_a_frozen_layer_does_not_change_and_the_others_learn(make_experiment):
    experiment = make_experiment()
    modules = experiment.networks["generator"].modules()
    frozen, *_, last = (each for each in modules if isinstance(each, torch.nn.Linear))
    frozen.requires_grad_(False)
    trainer = Trainer.fresh(experiment)
    trainer.slice(3, seconds=60)
    names = {id(module): name for name, module in experiment.networks["generator"].named_modules()}
    learnt = trainer.state.networks["generator"].get_submodule
    assert torch.equal(learnt(names[id(frozen)]).weight, frozen.weight)
    assert not torch.equal(learnt(names[id(last)]).weight, last.weight)
