"""Activations of one image: equal to the layers' outputs, one scale per layer, without affecting training."""

import numpy as np
import pytest
import torch
from torch import nn

from pipeline.errors.machine import UnusableValue
from pipeline.inspection.activations import activation_pictures, layer_picture, listening
from pipeline.training.trainer import Trainer


@pytest.fixture
def trainer(make_experiment):
    trainer = Trainer.fresh(make_experiment("dcgan"))
    trainer.slice(2, seconds=60)
    return trainer


def test_outputs_are_recorded_before_the_next_layer_changes_them_in_place():
    network = nn.Sequential(nn.Linear(2, 2, bias=False), nn.ReLU(inplace=True), nn.Flatten())
    nn.init.eye_(network[0].weight)
    with listening(network) as heard:
        network(torch.tensor([[-1.0, 2.0]]))
    assert heard.input.tolist() == [[-1, 2]]
    assert list(heard.outputs) == ["0 Linear", "1 ReLU"]
    assert heard.outputs["0 Linear"].tolist() == [[-1, 2]]
    assert heard.outputs["1 ReLU"].tolist() == [[0, 2]]
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in network.modules())


def test_of_several_calls_the_last_is_recorded_and_all_are_counted():
    network = nn.Sequential(nn.Linear(1, 1, bias=False))
    nn.init.ones_(network[0].weight)
    with listening(network) as heard:
        for value in (1.0, 2.0, 3.0):
            network(torch.tensor([[value]]))
    assert heard.calls == 3
    assert heard.input.tolist() == [[3]] and heard.outputs["0 Linear"].tolist() == [[3]]


def test_hooks_are_removed_when_a_layer_fails():
    network = nn.Sequential(nn.Linear(2, 2), nn.Linear(3, 3))
    with pytest.raises(RuntimeError), listening(network):
        network(torch.zeros(1, 2))
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in network.modules())


def test_feature_maps_are_shown_as_tiles_and_units_as_a_strip(make_experiment):
    drawn = activation_pictures(Trainer.fresh(make_experiment("dcgan")), "discriminator", "real", 1)
    pictures = {look.label.split(":")[0]: look for look in drawn}
    assert pictures["conv2d_1 Conv2d"].images.shape == (4, 4, 4, 1)
    assert pictures["linear_1 Linear"].images.shape == (1, 1, 1, 1)
    strip = activation_pictures(Trainer.fresh(make_experiment("mlp")), "generator", "fake", 1)
    assert [look.images.shape for look in strip[:3]] == [(1, 1, 5, 1), (1, 1, 12, 1), (1, 1, 12, 1)]


def test_at_most_sixteen_channels_are_shown_and_units_wrap_into_rows():
    channels = layer_picture("conv", torch.randn(40, 3, 5))
    assert channels.images.shape == (16, 3, 5, 1) and "3×5, 16 of 40 channels" in channels.label
    units = layer_picture("linear", torch.randn(150))
    assert units.images.shape == (1, 3, 64, 1) and "150 units" in units.label


def test_grey_is_zero_white_the_largest_magnitude_and_black_its_opposite():
    look = layer_picture("linear", torch.tensor([-4.0, -2.0, 0.0, 2.0, 4.0]))
    assert look.images[0, 0, :, 0].tolist() == [0, 64, 128, 191, 255]
    assert look.label.endswith("white is 4")
    assert (layer_picture("linear", torch.zeros(3)).images == 128).all()
    odd = layer_picture("linear", torch.tensor([float("nan"), float("inf"), -float("inf"), 1.0]))
    assert odd.images[0, 0, :, 0].tolist() == [128, 255, 0, 255]


def test_the_input_comes_first(trainer):
    real, *_ = activation_pictures(trainer, "discriminator", "real", 4)
    assert np.array_equal(real.images[0, :, :, 0], trainer.experiment.images.train.pixels[3, 0].numpy())
    assert real.label == "Input of the discriminator: real image 4"
    noise, *layers = activation_pictures(trainer, "generator", "real", 4)
    assert noise.images.shape == (1, 1, 5, 1)
    assert layers[0].label.startswith("linear_1 Linear: ")


@pytest.mark.parametrize("role", ["generator", "discriminator"])
@pytest.mark.parametrize("family", ["mlp", "dcgan"])
def test_showing_layers_does_not_affect_training(make_experiment, same_bits, family, role):
    experiment = make_experiment(family)
    plain = Trainer.fresh(experiment)
    plain.slice(4, seconds=60)
    state = plain.capture()
    trainer = Trainer.fresh(experiment)
    for _ in range(4):
        activation_pictures(trainer, role, "fake", 1)
        trainer.slice(1)
    same_bits(state, trainer.capture())
    assert all(module.training for network in trainer.state.networks.values() for module in network.modules())


@pytest.mark.parametrize(
    ("role", "source", "sentence"),
    [
        ("critic", "real", "There is no network 'critic'"),
        ("discriminator", "painted", "no source of images 'painted'"),
    ],
)
def test_invalid_choices_are_refused(trainer, role, source, sentence):
    with pytest.raises(UnusableValue, match=sentence):
        activation_pictures(trainer, role, source, 1)
