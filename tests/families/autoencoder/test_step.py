"""The step of an autoencoder: its stages, loss, gradients and sample grids."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.distributions import Bernoulli, Normal, kl_divergence

from pipeline.data.images import to_pixels
from pipeline.families.autoencoder.coding import decoded
from pipeline.objectives.elbo import reparametrise
from pipeline.training.coding import codes_of
from pipeline.training.experiment import begin
from pipeline.training.trainer import Trainer


def test_the_stages_form_one_update_and_belong_to_their_nodes(make_autoencoder):
    stages = list(Trainer.fresh(make_autoencoder()).stages())
    assert [(stage.name, stage.node) for stage in stages] == [
        ("draw real images", "data"), ("encode", "encoder"), ("sample codes", "noise"), ("decode", "decoder"),
        ("loss", "objective"), ("gradients", "objective"), ("update", "encoder_optimizer"),
        ("update", "decoder_optimizer"),
    ]  # fmt: skip
    assert {stage.update for stage in stages} == {"autoencoder"}
    plain = [stage.name for stage in Trainer.fresh(make_autoencoder(variational=False)).stages()]
    assert plain == [stage.name for stage in stages if stage.name != "sample codes"]


@pytest.mark.parametrize("variational", [True, False])
def test_one_update_changes_both_networks(make_autoencoder, variational, do, equal, weights_of):
    experiment = make_autoencoder("conv", variational=variational)
    state = begin(experiment)
    before = {role: weights_of(state, role) for role in state.networks}
    (update,) = experiment.updates
    do(state, update)
    assert update.roles == {"encoder", "decoder"}
    assert not any(equal(before[role], weights_of(state, role)) for role in before)


def test_the_loss_is_the_negative_bound_computed_with_torch_distributions(make_autoencoder, do):
    experiment = make_autoencoder(reconstruction="bce", beta=1.0)
    made = do(begin(experiment), experiment.updates[0])
    likelihood = Bernoulli(logits=made["logits"], validate_args=False).log_prob((made["real"] + 1) / 2)
    posterior = Normal(made["means"], torch.exp(made["log_variances"] / 2))
    bound = likelihood.flatten(1).sum(1) - kl_divergence(posterior, Normal(0.0, 1.0)).sum(1)
    torch.testing.assert_close(made["loss"], -bound.mean())
    torch.testing.assert_close(made["reconstructions"], torch.tanh(made["logits"] / 2))


def test_gradients_are_those_of_autograd_through_the_whole_bound(make_autoencoder, do):
    experiment = make_autoencoder(beta=0.7)
    state = begin(experiment)
    made = do(state, experiment.updates[0])
    fresh = begin(experiment)
    means, log_variances = fresh.networks["encoder"](made["real"]).unbind(1)
    noise = (made["latents"] - made["means"]).detach() / torch.exp(made["log_variances"] / 2).detach()
    images = fresh.networks["decoder"](reparametrise(means, log_variances, noise))
    kl = 0.5 * (means**2 + log_variances.exp() - log_variances - 1).sum(1).mean()
    loss = 0.5 * ((images - made["real"]) ** 2).flatten(1).sum(1).mean() + 0.7 * kl
    for role in ("encoder", "decoder"):
        expected = torch.autograd.grad(loss, list(fresh.networks[role].parameters()), retain_graph=True)
        for wanted, weight in zip(expected, state.networks[role].parameters(), strict=True):
            torch.testing.assert_close(weight.grad, wanted, atol=1e-4, rtol=1e-3)


def test_the_gradient_norm_is_taken_over_both_networks(make_autoencoder, do):
    experiment = make_autoencoder()
    state = begin(experiment)
    made = do(state, experiment.updates[0])
    squares = [weight.grad.square().sum() for net in state.networks.values() for weight in net.parameters()]
    torch.testing.assert_close(made["grad_norm"], torch.stack(squares).sum().sqrt())


def test_beta_is_live_and_its_term_warms_up(make_autoencoder):
    trainer = Trainer.fresh(make_autoencoder(beta=2.0, warmup=4))

    def weighted():
        made = next(stage for stage in trainer.stages() if stage.name == "loss").made
        trainer.finish_step()
        return (made["loss: kl"] / made["kl"]).item()

    assert [weighted() for _ in range(6)] == pytest.approx([0, 0.5, 1, 1.5, 2, 2])
    trainer.set_live("objective.beta", 0.5)
    assert weighted() == pytest.approx(0.5)


def test_its_series_are_the_unweighted_terms(make_autoencoder):
    assert make_autoencoder().series == ("loss", "reconstruction", "kl", "grad_norm")
    assert make_autoencoder(variational=False).series == ("loss", "reconstruction", "grad_norm")
    done = Trainer.fresh(make_autoencoder(beta=3.0)).slice(2, seconds=60)
    loss, reconstruction, kl = done.values[:, :3].T
    np.testing.assert_allclose(loss, reconstruction + 3 * kl, rtol=1e-5)


@pytest.mark.parametrize("variational", [True, False])
def test_a_resumed_run_equals_an_uninterrupted_one(make_autoencoder, same_bits, variational):
    experiment = make_autoencoder("conv", variational=variational)
    whole = Trainer.fresh(experiment)
    whole.slice(3, seconds=60)
    middle = whole.capture()
    whole.slice(3, seconds=60)
    again = Trainer.fresh(experiment)
    again.restore(middle)
    again.draw(6, seed=0)
    again.slice(3, seconds=60)
    same_bits(whole.capture(), again.capture())


def test_a_variational_autoencoder_draws_from_noise(make_autoencoder, equal):
    trainer = Trainer.fresh(make_autoencoder())
    trainer.slice(2, seconds=60)
    latents = trainer.experiment.sampler.latents(4, seed=5).values
    assert torch.equal(trainer.sampler.latents(4, 5).values, latents)
    assert not np.array_equal(trainer.draw(4, seed=5), trainer.draw(4, seed=6))


def test_a_plain_autoencoder_draws_held_out_images_encoded_and_decoded(make_autoencoder):
    trainer = Trainer.fresh(make_autoencoder(variational=False))
    trainer.slice(2, seconds=60)
    assert torch.equal(trainer.sampler.originals(3), trainer.experiment.images.held_out.batch(torch.arange(3)))
    experiment, state = trainer.experiment, trainer.state
    held_out = experiment.images.held_out.batch(torch.arange(10))
    codes = codes_of(experiment.coding, state.averages, held_out)
    expected = to_pixels(state.averages["decoder"](codes)).permute(0, 2, 3, 1).numpy()
    np.testing.assert_array_equal(trainer.draw(10, seed=1), expected)


def test_held_out_images_start_over_and_training_images_stand_in_if_there_are_none(make_autoencoder, equal):
    images = make_autoencoder().images
    shown = images.originals(range(12))
    assert torch.equal(shown[10:], shown[:2])
    alone = make_autoencoder(held_out=0).images
    assert torch.equal(alone.originals(range(3)), alone.train.batch(torch.arange(3)))


def test_reconstructions_improve_with_training(make_autoencoder):
    trainer = Trainer.fresh(make_autoencoder(variational=False, dim=16))
    errors = trainer.slice(150, seconds=60).values[:, 1]
    assert errors[-10:].mean() < 0.8 * errors[:10].mean()


def test_a_decoder_that_does_not_end_in_a_tanh_layer_gives_the_same_images_and_logits():
    layers = nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Unflatten(1, (2, 2, 2)))
    plain = nn.Sequential(nn.Linear(3, 8), nn.Unflatten(1, (2, 2, 2)), nn.Tanh())
    plain[0].load_state_dict(layers[0].state_dict())
    codes = torch.randn(4, 3)
    found, expected = decoded(layers, codes), decoded(plain, codes)
    torch.testing.assert_close(found.images, expected.images)
    torch.testing.assert_close(found.logits, expected.logits, rtol=1e-4, atol=1e-4)
