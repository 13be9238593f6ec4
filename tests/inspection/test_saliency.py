"""Saliency maps, compared with closed forms, and without affecting training."""

import numpy as np
import pytest
import torch
from torch import nn

from pipeline.errors.machine import UnusableValue
from pipeline.inspection.saliency import saliency, saliency_pictures
from pipeline.training.scores import Scores
from pipeline.training.trainer import Trainer


class Linear(nn.Module):
    """D(x) = Σ w·x + b."""

    def __init__(self, weight):
        super().__init__()
        self.weight = nn.Parameter(weight)
        self.bias = nn.Parameter(torch.tensor(3.0))

    def forward(self, images):
        return (images * self.weight).flatten(1).sum(dim=1) + self.bias


class ByNetwork(Scores):
    """Scores that are the network's output."""

    role = "scorer"

    def of(self, networks, images, labels):
        return networks[self.role](images)


def slopes_of(network, images):
    return saliency(ByNetwork(), {"scorer": network}, images)


@pytest.fixture
def images():
    return torch.randn(4, 3, 5, 6, generator=torch.Generator().manual_seed(0))


def test_the_saliency_of_a_linear_discriminator_is_its_weights(images):
    weight = torch.randn(3, 5, 6, generator=torch.Generator().manual_seed(1))
    expected = weight.abs().amax(dim=0).expand(4, 5, 6)
    assert torch.equal(slopes_of(Linear(weight), images), expected)


def test_the_saliency_of_a_quadratic_discriminator_depends_on_the_image(images):
    class Quadratic(nn.Module):
        def forward(self, images):
            return images.square().flatten(1).sum(dim=1)

    torch.testing.assert_close(slopes_of(Quadratic(), images), (2 * images).abs().amax(dim=1))


def test_gradients_of_weights_and_the_image_do_not_change(images):
    discriminator = Linear(torch.ones(3, 5, 6))
    discriminator.bias.grad = torch.tensor(7.0)
    with torch.no_grad():
        slopes_of(discriminator, images)
    assert discriminator.weight.grad is None
    assert discriminator.bias.grad == 7.0
    assert not images.requires_grad and images.grad is None


@pytest.mark.parametrize("family", ["mlp", "dcgan", "wgan-gp"])
def test_saliency_does_not_affect_training(make_experiment, same_bits, family):
    experiment = make_experiment(family)
    plain = Trainer.fresh(experiment)
    plain.slice(4, seconds=60)
    state = plain.capture()
    trainer = Trainer.fresh(experiment)
    for _ in range(4):
        trainer.slice(1)
        gradients = [p.grad for network in trainer.state.networks.values() for p in network.parameters()]
        copies = [gradient.clone() for gradient in gradients]
        saliency_pictures(trainer, 2)
        now = [p.grad for network in trainer.state.networks.values() for p in network.parameters()]
        assert all(a is b and torch.equal(a, c) for a, b, c in zip(gradients, now, copies, strict=True))
    same_bits(state, trainer.capture())
    assert all(module.training for network in trainer.state.networks.values() for module in network.modules())


def test_a_real_and_a_fake_image_each_come_before_their_saliency(make_experiment):
    trainer = Trainer.fresh(make_experiment("dcgan"))
    trainer.slice(2, seconds=60)
    real, real_slopes, fake, fake_slopes = saliency_pictures(trainer, 3)
    assert np.array_equal(real.images[0, :, :, 0], trainer.experiment.images.train.pixels[2, 0].numpy())
    assert real.label == "Real image 3" and fake.label == "Fake image 3"
    for slopes in (real_slopes, fake_slopes):
        assert slopes.images.shape == (1, 8, 8, 1) and slopes.images.max() == 255
        assert "gradient of its score" in slopes.label


def test_the_fake_image_is_the_sample_of_this_number(make_experiment):
    trainer = Trainer.fresh(make_experiment("dcgan", ema_halflife_images=0))
    trainer.slice(2, seconds=60)
    fake = saliency_pictures(trainer, 5)[2].images[0]
    assert np.array_equal(fake, trainer.draw(64, seed=0)[4])


@pytest.mark.parametrize("number", [0, -1, 51, 65, 10**12])
def test_a_missing_image_is_refused_with_the_valid_numbers(make_experiment, number):
    with pytest.raises(UnusableValue, match=r"There is no image .* from 1 to (50|64)"):
        saliency_pictures(Trainer.fresh(make_experiment()), number)


def test_with_a_zero_gradient_the_saliency_is_black(make_experiment):
    trainer = Trainer.fresh(make_experiment("wgan-gp"))
    for parameter in trainer.state.networks["discriminator"].parameters():
        nn.init.zeros_(parameter)
    assert not saliency_pictures(trainer, 1)[1].images.any()
