"""Spectral normalization of whole networks: the largest singular value is 1, and runs can be saved, copied and
inspected."""

from copy import deepcopy

import pytest
import torch
from torch import nn
from torch.nn.utils.parametrize import is_parametrized

from pipeline.models import dcgan, mlp, resnet
from pipeline.models.build import build_network
from pipeline.models.spectral import with_spectral_norm

CLASSES = 3
PLANS = {
    "mlp": mlp.discriminator_plan((1, 8, 8), hidden=(12, 6), dropout=0.0, classes=CLASSES),
    "dcgan": dcgan.discriminator_plan((1, 8, 8), 8, normalization="none", classes=CLASSES, attention=4),
    "resnet": resnet.discriminator_plan((1, 8, 8), 8, classes=CLASSES, attention=4),
}
LABELS = torch.tensor([0, 2, 1, 1])


@pytest.fixture(params=list(PLANS))
def plan(request):
    return PLANS[request.param]


@pytest.fixture
def images():
    return torch.randn(4, 1, 8, 8, generator=torch.Generator().manual_seed(0))


def normalized(plan, seed=5):
    return with_spectral_norm(build_network(plan, seed=1), seed)


def linear_maps(network):
    kinds = (nn.Linear, nn.Conv2d, nn.Embedding)
    return [module for module in network.modules() if isinstance(module, kinds)]


def test_every_weight_that_is_a_linear_map_gets_the_largest_singular_value_1(plan, images):
    network = normalized(plan)
    with torch.no_grad():
        for _ in range(50):
            network(images, LABELS)
    network.eval()
    layers = linear_maps(network)
    largest = [torch.linalg.matrix_norm(layer.weight.flatten(1), ord=2).item() for layer in layers]
    assert all(is_parametrized(layer, "weight") for layer in layers)
    assert largest == pytest.approx([1.0] * len(largest), rel=1e-3)


def test_it_has_the_same_parameters_and_layers(plan):
    plain, network = build_network(plan, seed=1), normalized(plan)
    assert sum(p.numel() for p in network.parameters()) == plan.parameters
    assert [name for name, _ in network.named_children()] == [name for name, _ in plain.named_children()]


def test_equal_seeds_give_equal_starts_whatever_was_drawn_before(plan):
    first = normalized(plan).state_dict()
    torch.manual_seed(99)
    again, other = normalized(plan).state_dict(), normalized(plan, seed=6).state_dict()
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not all(torch.equal(first[name], other[name]) for name in first)


def test_normalizing_preserves_the_global_random_state(plan):
    torch.manual_seed(3)
    expected = torch.randn(4)
    torch.manual_seed(3)
    normalized(plan)
    assert torch.equal(torch.randn(4), expected)


def test_a_pass_in_eval_mode_changes_nothing(plan, images):
    network = normalized(plan).eval()
    before = deepcopy(network.state_dict())
    first = network(images, LABELS)
    assert torch.equal(network(images, LABELS), first)
    assert all(torch.equal(before[name], now) for name, now in network.state_dict().items())


def test_a_pass_in_training_mode_advances_the_power_iteration(plan, images):
    network = normalized(plan)
    before = deepcopy(network.state_dict())
    network(images, LABELS)
    changed = {name for name, now in network.state_dict().items() if not torch.equal(before[name], now)}
    assert changed and all(name.endswith(("._u", "._v")) for name in changed)


def test_a_copy_continues_like_the_original(plan, images):
    network = normalized(plan)
    network(images, LABELS)
    copy = deepcopy(network)
    loaded = normalized(plan, seed=77)
    loaded.load_state_dict(deepcopy(network.state_dict()))
    for other in (copy, loaded):
        assert torch.equal(trained(other, images), trained(deepcopy(network), images))


def trained(network, images):
    """The scores after one step with a gradient penalty."""
    optimizer = torch.optim.Adam(network.parameters(), lr=0.01)
    points = images.clone().requires_grad_()
    scores = network(points, LABELS)
    (slopes,) = torch.autograd.grad(scores.sum(), points, create_graph=True)
    (scores.mean() + slopes.square().mean()).backward()
    optimizer.step()
    return network(images, LABELS).detach()


def test_a_gradient_penalty_is_differentiable_through_it(plan, images):
    network = normalized(plan).double().eval()
    weight = network.get_parameter("projection_1.linear.parametrizations.weight.original")

    def penalty(moved):
        points = images.double().requires_grad_()
        scores = torch.func.functional_call(
            network, {"projection_1.linear.parametrizations.weight.original": moved}, (points, LABELS)
        )
        (slopes,) = torch.autograd.grad(scores.sum(), points, create_graph=True)
        return slopes.square().sum()

    assert torch.autograd.gradcheck(penalty, (weight.detach().clone().requires_grad_(),))


def test_convolutions_keep_their_weights_channels_last():
    network = normalized(PLANS["dcgan"])
    weight = network.get_parameter("conv2d_1.parametrizations.weight.original")
    assert weight.is_contiguous(memory_format=torch.channels_last)
