"""Drawing images from a network."""

import numpy as np
import torch
from pipeline.training.drawing import BATCH, draw_images
from torch import nn

CPU = torch.device("cpu")


def latents(count, random):
    return torch.randn(count, 12, generator=random)


def test_images_are_the_networks_scaled_to_bytes_with_channels_last():
    network = nn.Sequential(nn.Tanh(), nn.Unflatten(1, (3, 2, 2)))
    drawn = draw_images(network, latents, 6, seed=3, device=CPU)
    made = torch.tanh(torch.randn(6, 12, generator=torch.Generator().manual_seed(3))).reshape(6, 3, 2, 2)
    expected = ((made + 1) * 127.5).round().numpy().transpose(0, 2, 3, 1)
    assert drawn.shape == (6, 2, 2, 3)
    assert drawn.dtype == np.uint8
    np.testing.assert_array_equal(drawn, expected)


def test_a_count_above_one_batch_is_drawn_in_several():
    sizes = []
    network = nn.Sequential(nn.Unflatten(1, (3, 2, 2)))
    network.register_forward_hook(lambda module, inputs, output: sizes.append(len(output)))
    assert len(draw_images(network, latents, BATCH + 7, seed=0, device=CPU)) == BATCH + 7
    assert sizes == [BATCH, 7]


def test_the_network_is_in_eval_mode_while_drawing_and_as_before_after():
    modes = []
    network = nn.Sequential(nn.Unflatten(1, (3, 2, 2)), nn.BatchNorm2d(3))
    network.register_forward_hook(lambda module, inputs, output: modes.append((module.training, output.requires_grad)))
    for training in (True, False):
        network.train(training)
        draw_images(network, latents, 2, seed=0, device=CPU)
        assert all(module.training is training for module in network.modules())
    assert modes == [(False, False), (False, False)]
    assert torch.equal(network[1].running_mean, torch.zeros(3))
