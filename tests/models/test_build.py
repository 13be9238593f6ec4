"""A built network matches its plan: shapes layer by layer, parameters, and the multiply-adds that torch counts."""

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from pipeline.models import dcgan, mlp, resnet
from pipeline.models.build import build_network
from pipeline.models.plan import Plan

PLANS = {
    "mlp generator": mlp.generator_plan(100, (1, 28, 28)),
    "mlp discriminator": mlp.discriminator_plan((3, 8, 8)),
    "dcgan generator": dcgan.generator_plan(64, (3, 32, 28), base_channels=16),
    "dcgan discriminator": dcgan.discriminator_plan((1, 28, 28), base_channels=8),
    "dcgan critic": dcgan.discriminator_plan((3, 12, 20), base_channels=8, normalization="none"),
    "dcgan generator of 64 pixels with attention": dcgan.generator_plan(8, (3, 64, 64), 16, attention=8),
    "dcgan discriminator with attention": dcgan.discriminator_plan((1, 32, 32), 8, attention=8),
    "resnet generator": resnet.generator_plan(12, (3, 32, 28), base_channels=16),
    "resnet generator without normalization": resnet.generator_plan(12, (1, 8, 8), 16, normalization="none"),
    "resnet generator with attention": resnet.generator_plan(12, (1, 28, 28), 16, attention=14),
    "resnet discriminator": resnet.discriminator_plan((3, 32, 28), base_channels=4),
    "resnet discriminator with attention": resnet.discriminator_plan((1, 16, 16), 16, "sum", attention=8),
    "conditional mlp generator": mlp.generator_plan(6, (1, 8, 8), hidden=(16,), classes=4),
    "conditional mlp discriminator": mlp.discriminator_plan((1, 8, 8), hidden=(16, 8), classes=4),
    "conditional dcgan generator": dcgan.generator_plan(6, (1, 16, 16), 16, classes=4),
    "conditional dcgan discriminator": dcgan.discriminator_plan((1, 16, 16), 8, classes=4),
    "conditional resnet generator": resnet.generator_plan(6, (1, 16, 16), 16, classes=4),
    "conditional resnet discriminator": resnet.discriminator_plan((1, 16, 16), 8, classes=4),
    "batch norm of features": Plan((6,)).linear(5).batch_norm().relu().linear(4),
    "conditional batch norm of features": Plan((6,), classes=2).class_embedding(3).linear(5).batch_norm(),
}
every_plan = pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS.keys())
BATCH = 3
LABELS = torch.tensor([0, 1, 1])


def passed(plan: Plan) -> tuple[nn.Module, torch.Tensor]:
    network = build_network(plan, seed=1)
    return network, network(torch.randn(BATCH, *plan.input_shape), LABELS)


@every_plan
def test_every_layer_returns_the_shape_that_the_plan_says(plan: Plan) -> None:
    network = build_network(plan, seed=1)
    found: dict[str, torch.Size] = {}
    for path, module in network.named_modules():
        module.register_forward_hook(lambda _, inputs, output, path=path: found.update({path: output.shape}))
    network(torch.randn(BATCH, *plan.input_shape), LABELS)

    expected = {path: (BATCH, *layer.output_shape) for path, layer in plan.leaves}
    expected |= {layer.name: (BATCH, *layer.output_shape) for layer in plan.layers}
    assert {path: found[path] for path in expected} == expected


@every_plan
def test_every_layer_has_as_many_parameters_as_the_plan_says(plan: Plan) -> None:
    network = build_network(plan, seed=1)

    def built(path: str) -> int:
        return sum(weight.numel() for weight in network.get_submodule(path).parameters())

    planned = {path: layer.parameters for path, layer in plan.leaves}
    planned |= {layer.name: layer.parameters for layer in plan.layers}
    assert {path: built(path) for path in planned} == planned
    assert built("") == plan.parameters


@every_plan
def test_torch_counts_two_operations_for_every_multiply_add_of_the_plan(plan: Plan) -> None:
    network = build_network(plan, seed=1)
    with FlopCounterMode(display=False) as counter:
        network(torch.randn(BATCH, *plan.input_shape), LABELS)

    assert counter.get_total_flops() == 2 * BATCH * plan.multiply_adds


def test_a_discriminator_returns_one_number_an_image() -> None:
    _, scores = passed(PLANS["dcgan discriminator"])

    assert scores.shape == (BATCH,)


def test_a_generator_returns_images_in_minus_one_to_one() -> None:
    for name in ("mlp generator", "dcgan generator", "resnet generator", "conditional resnet generator"):
        _, images = passed(PLANS[name])

        assert images.shape == (BATCH, *PLANS[name].output_shape)
        assert images.abs().max() <= 1


@every_plan
def test_the_weights_depend_on_the_seed_alone(plan: Plan) -> None:
    first = build_network(plan, seed=7).state_dict()
    torch.manual_seed(12345)
    again = build_network(plan, seed=7).state_dict()
    other = build_network(plan, seed=8).state_dict()

    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not all(torch.equal(first[name], other[name]) for name in first)


def test_building_preserves_the_global_random_state() -> None:
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


def test_weights_inside_a_block_are_named_after_its_branches() -> None:
    plan = PLANS["resnet generator"]

    names = {name.rpartition(".")[0] for name in build_network(plan, seed=1).state_dict()}
    assert "up_block_2.shortcut.conv2d_1" in names
    assert names == {path for path, layer in plan.leaves if layer.parameters}


def test_a_gain_initialises_weights_by_xavier_and_biases_as_0() -> None:
    layer = build_network(Plan((300,)).linear(200, gain=2), seed=1).get_submodule("linear_1")

    assert layer.weight.abs().max().item() == pytest.approx(2 * (6 / 500) ** 0.5, rel=1e-3)
    assert not layer.bias.any()
