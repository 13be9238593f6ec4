"""A built network is what its plan says: shapes layer by layer, parameters, and the multiply-adds that torch counts."""

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from pipeline.models import dcgan, mlp
from pipeline.models.build import build_network
from pipeline.models.plan import Plan

PLANS = {
    "mlp generator": mlp.generator_plan(100, (1, 28, 28)),
    "mlp discriminator": mlp.discriminator_plan((3, 8, 8)),
    "dcgan generator": dcgan.generator_plan(64, (3, 32, 28), base_channels=16),
    "dcgan discriminator": dcgan.discriminator_plan((1, 28, 28), base_channels=8),
    "dcgan critic": dcgan.discriminator_plan((3, 12, 20), base_channels=8, normalization="none"),
    "batch norm of features": Plan((6,)).linear(5).batch_norm().relu().linear(4),
}
every_plan = pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS.keys())
BATCH = 3


def passed(plan: Plan) -> tuple[nn.Module, torch.Tensor]:
    network = build_network(plan, seed=1)
    return network, network(torch.randn(BATCH, *plan.input_shape))


@every_plan
def test_every_layer_returns_the_shape_that_the_plan_says(plan: Plan) -> None:
    network = build_network(plan, seed=1)
    values = torch.randn(BATCH, *plan.input_shape)
    for layer in plan.layers:
        values = network.get_submodule(layer.name)(values)

        assert values.shape == (BATCH, *layer.output_shape), layer.name


@every_plan
def test_every_layer_has_as_many_parameters_as_the_plan_says(plan: Plan) -> None:
    network = build_network(plan, seed=1)

    built = {name: sum(weight.numel() for weight in module.parameters()) for name, module in network.named_children()}
    assert {layer.name: built[layer.name] for layer in plan.layers} == {
        layer.name: layer.parameters for layer in plan.layers
    }
    assert sum(built.values()) == plan.parameters


@every_plan
def test_torch_counts_two_operations_for_every_multiply_add_of_the_plan(plan: Plan) -> None:
    network = build_network(plan, seed=1)
    with FlopCounterMode(display=False) as counter:
        network(torch.randn(BATCH, *plan.input_shape))

    assert counter.get_total_flops() == 2 * BATCH * plan.multiply_adds


def test_a_discriminator_returns_one_number_an_image() -> None:
    _, scores = passed(PLANS["dcgan discriminator"])

    assert scores.shape == (BATCH,)


def test_a_generator_returns_images_in_minus_one_to_one() -> None:
    for name in ("mlp generator", "dcgan generator"):
        _, images = passed(PLANS[name])

        assert images.shape == (BATCH, *PLANS[name].output_shape)
        assert images.abs().max() <= 1


def test_the_weights_depend_on_the_seed_alone() -> None:
    plan = PLANS["dcgan generator"]
    first = build_network(plan, seed=7).state_dict()
    torch.manual_seed(12345)
    again = build_network(plan, seed=7).state_dict()
    other = build_network(plan, seed=8).state_dict()

    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not torch.equal(first["linear_1.weight"], other["linear_1.weight"])


def test_building_leaves_the_random_numbers_outside_as_they_were() -> None:
    torch.manual_seed(3)
    expected = torch.randn(4)
    torch.manual_seed(3)
    build_network(PLANS["mlp generator"], seed=1)

    assert torch.equal(torch.randn(4), expected)


def test_convolutions_keep_their_weights_channels_last() -> None:
    network = build_network(PLANS["dcgan generator"], seed=1)

    weight = network.get_submodule("conv_transpose2d_1").weight
    assert isinstance(weight, torch.Tensor)
    assert weight.is_contiguous(memory_format=torch.channels_last)


def test_weights_are_named_after_the_layers_of_the_plan() -> None:
    plan = PLANS["dcgan discriminator"]

    names = {name.split(".")[0] for name in build_network(plan, seed=1).state_dict()}
    assert names == {layer.name for layer in plan.layers if layer.parameters}
