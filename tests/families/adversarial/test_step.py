"""The GAN's step: which network each update changes, the stages and their nodes, counters and losses."""

from dataclasses import replace

import pytest
import torch

from pipeline.objectives.adversarial import NON_SATURATING, WASSERSTEIN
from pipeline.training.experiment import begin
from pipeline.training.trainer import Trainer


@pytest.mark.parametrize("family", ["mlp", "dcgan", "wgan-gp"])
def test_a_discriminator_update_leaves_the_generators_weights_unchanged(make_experiment, family, do, equal, weights_of):
    experiment = make_experiment(family)
    state = begin(experiment)
    before = {role: weights_of(state, role) for role in state.networks}
    do(state, experiment.updates[0])
    assert equal(before["generator"], weights_of(state, "generator"))
    assert not equal(before["discriminator"], weights_of(state, "discriminator"))


@pytest.mark.parametrize("family", ["mlp", "dcgan", "wgan-gp"])
def test_a_generator_update_leaves_the_discriminators_weights_unchanged(make_experiment, family, do, equal, weights_of):
    experiment = make_experiment(family)
    state = begin(experiment)
    before = {role: weights_of(state, role) for role in state.networks}
    do(state, experiment.updates[-1])
    assert not equal(before["generator"], weights_of(state, "generator"))
    assert equal(before["discriminator"], weights_of(state, "discriminator"))


def test_the_discriminators_update_builds_no_graph_of_the_generator(make_experiment, do):
    experiment = make_experiment("dcgan")
    state = begin(experiment)
    assert not do(state, experiment.updates[0])["fake"].requires_grad
    assert all(parameter.grad is None for parameter in state.networks["generator"].parameters())


def test_the_generators_update_computes_no_gradients_of_the_discriminator(make_experiment, do):
    experiment = make_experiment("dcgan")
    state = begin(experiment)
    assert do(state, experiment.updates[-1])["fake"].requires_grad
    assert all(parameter.grad is None for parameter in state.networks["discriminator"].parameters())


def test_stages_come_in_order_and_belong_to_their_nodes(make_experiment):
    stages = [(s.update, s.name, s.node) for s in Trainer.fresh(make_experiment("wgan-gp")).stages()]
    assert stages == [
        ("discriminator", "draw real images", "data"),
        ("discriminator", "draw noise", "noise"),
        ("discriminator", "generate", "generator"),
        ("discriminator", "score real", "discriminator"),
        ("discriminator", "score fake", "discriminator"),
        ("discriminator", "loss", "objective"),
        ("discriminator", "penalty", "penalty"),
        ("discriminator", "gradients", "discriminator"),
        ("discriminator", "update", "discriminator_optimizer"),
        ("generator", "draw noise", "noise"),
        ("generator", "generate", "generator"),
        ("generator", "score fake", "discriminator"),
        ("generator", "loss", "objective"),
        ("generator", "gradients", "generator"),
        ("generator", "update", "generator_optimizer"),
    ]


def test_updates_and_drawn_images_are_counted(make_experiment):
    trainer = Trainer.fresh(make_experiment(discriminator_updates=3))
    trainer.slice(4, seconds=60)
    assert trainer.state.step == 4
    assert trainer.state.counters == {"d_updates": 12, "g_updates": 4}
    assert trainer.state.images_seen == 4 * 3 * 16


def test_the_series_of_a_penalty_come_after_the_common_series(make_experiment):
    common = ("D_loss", "G_loss", "D_real", "D_fake", "D_grad_norm", "G_grad_norm")
    assert make_experiment("dcgan").series == common
    assert make_experiment("wgan-gp").series == (*common, "gradient_penalty", "critic_slope")


def test_the_discriminators_loss_is_the_objectives_on_the_scores(make_experiment, do):
    experiment = make_experiment("dcgan")
    made = do(begin(experiment), experiment.updates[0])
    bce = torch.nn.functional.binary_cross_entropy_with_logits
    real, fake = made["real_scores"], made["fake_scores"]
    expected = bce(real, torch.ones(16)) + bce(fake, torch.zeros(16))
    torch.testing.assert_close(made["D_loss"], expected)
    torch.testing.assert_close(made["D_real"], torch.sigmoid(real).mean().detach())
    torch.testing.assert_close(made["D_fake"], torch.sigmoid(fake).mean().detach())


def test_the_loss_includes_the_penalty_with_its_live_weight(make_experiment, do):
    experiment = make_experiment("wgan-gp")
    state = begin(experiment)
    state.set_live("penalty.penalty_weight", 4.0)
    made = do(state, experiment.updates[0])
    critic = made["fake_scores"].mean() - made["real_scores"].mean()
    torch.testing.assert_close(made["D_loss"], critic + 4 * made["gradient_penalty"])


def test_the_gradient_norm_is_taken_over_all_gradients_together(make_experiment, do):
    experiment = make_experiment("mlp")
    state = begin(experiment)
    made = do(state, experiment.updates[0])
    gradients = [parameter.grad.flatten() for parameter in state.networks["discriminator"].parameters()]
    torch.testing.assert_close(made["D_grad_norm"], torch.cat(gradients).norm())


def test_a_generator_loss_that_compares_with_real_images_draws_and_scores_them(make_experiment, do):
    relative = replace(
        NON_SATURATING,
        generator=lambda real, fake: {"pairs": torch.nn.functional.softplus(real - fake).mean()},
        needs_real_for_generator=True,
    )
    experiment = make_experiment(loss=relative)
    names = [operation.name for operation in experiment.updates[-1].operations]
    assert names[:4] == ["draw real images", "draw noise", "generate", "score real"]
    made = do(begin(experiment), experiment.updates[-1])
    expected = torch.nn.functional.softplus(made["real_scores"] - made["fake_scores"]).mean()
    torch.testing.assert_close(made["G_loss"], expected)


def test_a_critics_scores_are_displayed_unchanged(make_experiment, do):
    experiment = make_experiment(loss=WASSERSTEIN)
    made = do(begin(experiment), experiment.updates[0])
    torch.testing.assert_close(made["D_real"], made["real_scores"].mean().detach())


def test_in_bf16_only_forward_passes_are_in_half_precision(make_experiment, do, equal):
    experiment = make_experiment("wgan-gp", precision="bf16")
    state = begin(experiment)
    made = do(state, experiment.updates[0])
    assert all(tensor.dtype == torch.float32 for tensor in made.values())
    assert all(parameter.grad.dtype == torch.float32 for parameter in state.networks["discriminator"].parameters())
    rounded = made["fake_scores"].bfloat16().float()
    assert torch.equal(made["fake_scores"], rounded)
