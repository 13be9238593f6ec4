"""The update of a denoiser in pixels: its stages, its loss, and images made by it."""

import pytest
import torch

from pipeline.objectives.denoising import PREDICTIONS
from pipeline.training.experiment import begin
from pipeline.training.sampler import draw_images
from pipeline.training.trainer import Trainer


def made_by(experiment):
    """All that the stages of one step make, by name, and the trainer."""
    trainer = Trainer.fresh(experiment)
    made = {}
    for stage in trainer.stages():
        made |= stage.made
    return made, trainer


def test_the_stages_form_one_update_and_belong_to_their_nodes(make_denoiser):
    stages = list(Trainer.fresh(make_denoiser(classes=10, dropout=0.5)).stages())
    assert [(stage.name, stage.node) for stage in stages] == [
        ("draw real images", "data"), ("drop labels", "objective"), ("draw times", "objective"),
        ("draw noise", "objective"), ("mix", "objective"), ("predict", "network"), ("denoising loss", "objective"),
        ("gradients", "objective"), ("update", "optimizer"),
    ]  # fmt: skip
    assert {stage.update for stage in stages} == {"denoiser"}


@pytest.mark.parametrize("prediction", PREDICTIONS)
def test_the_loss_is_the_mean_squared_error_of_what_is_predicted(make_denoiser, prediction):
    experiment = make_denoiser(prediction)
    made, _ = made_by(experiment)
    (update,) = experiment.updates
    assert made["denoising_loss"].item() == pytest.approx((made["predicted"] - made["target"]).square().mean().item())
    # The network predicts 0 at first: what is left is the mean square of the target.
    assert made["denoising_loss"].item() == pytest.approx(made["target"].square().mean().item())
    assert update.roles == {"denoiser"}


def test_estimates_and_weights_are_those_of_the_prediction_and_its_time(make_denoiser):
    made, _ = made_by(make_denoiser("noise"))
    alpha, sigma = (made["snr"] / (1 + made["snr"])).sqrt(), (1 / (1 + made["snr"])).sqrt()
    clean = (made["noisy"] - sigma[:, None, None, None] * made["predicted"]) / alpha[:, None, None, None]
    torch.testing.assert_close(made["estimates"], clean, rtol=1e-3, atol=1e-3)
    assert (made["weights"] == 1).all() and made["errors"].shape == made["times"].shape == (16,)


def test_labels_are_dropped_as_often_as_it_says(make_denoiser):
    every, _ = made_by(make_denoiser(classes=10, dropout=1.0))
    none, _ = made_by(make_denoiser(classes=10, dropout=0.0))
    assert (every["labels"] == 10).all() and (none["labels"] < 10).all()


def test_training_lowers_the_loss_of_a_few_images(make_denoiser):
    trainer = Trainer.fresh(make_denoiser())
    losses = trainer.slice(60, seconds=60).values[:, 0]
    assert losses[-10:].mean() < 0.9 * losses[:5].mean()


def test_a_sample_is_the_same_in_every_batch_and_guidance_changes_it(make_denoiser):
    def images(guidance, count, first=0):
        experiment = make_denoiser(classes=10, dropout=0.3, guidance=guidance)
        trainer = Trainer.fresh(experiment)
        trainer.slice(3, seconds=60)
        sampler = experiment.sampler
        return draw_images(sampler, trainer.state.networks_of(), sampler.latents(count, 0, first=first))

    assert (images(1.0, 20)[5:9] == images(1.0, 4, first=5)).all()
    assert (images(1.0, 4) != images(4.0, 4)).any()


def test_the_loss_by_time_does_not_depend_on_chance_and_has_all_bands(make_denoiser):
    experiment = make_denoiser()
    networks = begin(experiment).networks_of()
    first, second = (experiment.checkup.measure(networks, torch.empty(0), None) for _ in range(2))
    assert list(first) == ["loss_000_025", "loss_025_050", "loss_050_075", "loss_075_100"]
    assert all(first[name] == second[name] for name in first)
    # Before training, the prediction is 0: the loss is the variance of the velocity, that of noise plus that of images.
    images = experiment.checkup.held_out.images
    assert first["loss_000_025"].item() == pytest.approx(1 + images.square().mean().item(), rel=0.1)
