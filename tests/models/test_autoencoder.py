"""Encoders and decoders: shapes and parameters."""

import pytest
import torch
from torch import nn

from pipeline.models import autoencoder
from pipeline.models.build import build_network

SHAPES = [(1, 28, 28), (3, 8, 12)]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("numbers", "dim"), [(1, 1), (1, 5), (2, 1), (2, 16)])
def test_an_encoder_returns_the_right_number_of_values_per_dimension(shape, numbers, dim):
    plans = (
        autoencoder.mlp_encoder_plan(shape, dim, numbers, (8,), 0.2),
        autoencoder.conv_encoder_plan(shape, dim, numbers, 2),
    )
    for plan in plans:
        assert plan.output_shape == (numbers, dim)
        assert build_network(plan, 0)(torch.zeros(4, *shape)).shape == (4, numbers, dim)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_decoder_makes_images_and_ends_in_tanh(shape):
    for plan in (autoencoder.mlp_decoder_plan(5, shape, (8,), 0.2), autoencoder.conv_decoder_plan(5, shape, 2)):
        network = build_network(plan, 0)
        assert isinstance(network, nn.Sequential) and isinstance(network[-1], nn.Tanh)
        images = network(10 * torch.randn(4, 5))
        assert images.shape == (4, *shape)
        assert images.abs().max() <= 1


def test_a_plan_counts_the_weights_of_its_network():
    for plan in (autoencoder.conv_encoder_plan((1, 8, 8), 3, 2, 4), autoencoder.conv_decoder_plan(3, (1, 8, 8), 4)):
        assert plan.parameters == sum(weight.numel() for weight in build_network(plan, 0).parameters())
