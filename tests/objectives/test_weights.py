"""Weight penalties, compared with sums by hand, and weight clipping."""

import pytest
import torch
from torch import Tensor, nn

from pipeline.objectives.weights import clip_weights, l1, l2


@pytest.fixture
def network() -> nn.Sequential:
    """A matrix of known weights, a bias and a normalization, of which only the matrix is penalised."""
    linear = nn.Linear(2, 2)
    with torch.no_grad():
        linear.weight.copy_(torch.tensor([[3.0, -4.0], [0.0, 1.0]]))
        linear.bias.fill_(100)
    return nn.Sequential(linear, nn.BatchNorm1d(2))


def gradient_of(cost: Tensor, weight: nn.Parameter) -> Tensor:
    (gradient,) = torch.autograd.grad(cost, weight)
    return gradient


def test_l1_is_the_sum_of_absolute_weights_with_equal_gradients(network: nn.Sequential) -> None:
    weight = network[0].weight
    assert l1(network).item() == 8
    assert gradient_of(l1(network), weight).tolist() == [[1, -1], [0, 1]]


def test_l2_is_half_the_sum_of_squares_with_the_weights_as_gradient(network: nn.Sequential) -> None:
    weight = network[0].weight
    assert l2(network).item() == 13
    assert torch.equal(gradient_of(l2(network), weight), weight.detach())


def test_kernels_of_convolutions_count_as_weights() -> None:
    kernel = nn.Conv2d(1, 1, 2, bias=False)
    nn.init.constant_(kernel.weight, -0.5)
    assert l1(kernel).item() == 2
    assert l2(kernel).item() == 0.5


def test_clipping_bounds_every_parameter_and_leaves_small_ones_unchanged(network: nn.Sequential) -> None:
    weight = network[0].weight
    clip_weights(network, 2.0)
    assert weight.tolist() == [[2, -2], [0, 1]]
    assert network[0].bias.tolist() == [2, 2]
    assert weight.requires_grad
