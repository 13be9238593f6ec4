"""The first tensor of a step that is not finite."""

import pytest
import torch

from pipeline.inspection.nonfinite import first_bad_tensor
from pipeline.training.trainer import Trainer

RATE = "discriminator_optimizer.learning_rate"


def spoil(trainer, role, name, value=torch.nan):
    with torch.no_grad():
        dict(trainer.state.networks[role].named_parameters())[name].flatten()[0] = value


def test_a_finite_step_has_no_bad_tensor(make_experiment):
    trainer = Trainer.fresh(make_experiment("dcgan"))
    assert first_bad_tensor(trainer) is None
    assert trainer.state.step == 1


@pytest.mark.parametrize("value", [torch.nan, torch.inf])
def test_a_bad_weight_of_the_generator_is_found_in_its_images(make_experiment, value):
    trainer = Trainer.fresh(make_experiment())
    spoil(trainer, "generator", "linear_1.weight", value)
    bad = first_bad_tensor(trainer)
    assert (bad.name, bad.update, bad.stage, bad.node) == ("fake", "discriminator", "generate", "generator")


def test_a_gradient_that_is_not_finite_is_named_with_its_weight(make_experiment):
    trainer = Trainer.fresh(make_experiment("wgan-gp"))
    weight = dict(trainer.state.networks["discriminator"].named_parameters())
    name = next(each for each in weight if each.endswith("weight"))
    weight[name].register_hook(lambda gradient: gradient * torch.nan)
    bad = first_bad_tensor(trainer)
    assert (bad.name, bad.stage, bad.node) == (f"the gradient of {name}", "gradients", "discriminator")


def test_a_far_too_large_optimizer_step_is_found_in_the_weights(make_experiment):
    trainer = Trainer.fresh(make_experiment())
    trainer.set_live(RATE, 3e38)
    trainer.state.optimizers["discriminator"].param_groups[0]["lr"] = torch.inf
    bad = first_bad_tensor(trainer)
    assert bad.name.startswith("the weight ") and bad.stage == "update" and bad.node == "discriminator_optimizer"
