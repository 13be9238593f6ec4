"""Measured layer tables: equal to the plan's numbers if there is a plan, and to hand-computed ones otherwise."""

import math

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

from pipeline.models import autoencoder, dcgan, mlp, resnet
from pipeline.models.build import build_network
from pipeline.models.layers import LayerRow, LayerTable
from pipeline.models.module_layers import measure_layers
from pipeline.models.plan import Plan
from pipeline.models.spectral import with_spectral_norm

PLANS = {
    "mlp generator": mlp.generator_plan(100, (1, 28, 28)),
    "dcgan generator": dcgan.generator_plan(64, (3, 32, 28), base_channels=16),
    "dcgan discriminator with attention": dcgan.discriminator_plan((1, 32, 32), 8, attention=8),
    "resnet generator": resnet.generator_plan(12, (3, 32, 28), base_channels=16),
    "resnet discriminator": resnet.discriminator_plan((3, 32, 28), base_channels=4),
    "conditional dcgan generator": dcgan.generator_plan(6, (1, 16, 16), 16, classes=4),
    "conditional resnet discriminator": resnet.discriminator_plan((1, 16, 16), 8, classes=4),
    "convolutional encoder": autoencoder.conv_encoder_plan((1, 28, 28), 16, 2, 8),
}


def read_off(plan: Plan, normalized: bool = False) -> LayerTable:
    with torch.device("meta"):
        network: nn.Module = build_network(plan, 0)
        network = with_spectral_norm(network, 0) if normalized else network
        return measure_layers(network, (torch.zeros(2, *plan.input_shape), torch.zeros(2, dtype=torch.int64)))


@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS)
def test_measuring_a_built_plan_gives_the_plans_numbers(plan: Plan) -> None:
    table = read_off(plan)
    assert (table.parameters, table.multiply_adds) == (plan.parameters, plan.multiply_adds)
    shapes = {name: tuple(each.shape) for name, each in build_network(plan, 0).state_dict().items()}
    assert table.weights == shapes
    assert not table.normalized
    rows = {row.name: row for row in table.rows}
    for path, layer in plan.leaves:
        if path in rows and layer.kind not in ("projection", "self_attention"):
            assert rows[path] == LayerRow(path, layer.output_shape, layer.parameters, layer.multiply_adds)


def test_spectral_normalization_changes_only_the_list_of_weights() -> None:
    plan = dcgan.discriminator_plan((1, 28, 28), 8, normalization="none", classes=3)
    plain, normalized = read_off(plan), read_off(plan, normalized=True)
    assert normalized.normalized and not plain.normalized
    assert (normalized.rows, normalized.parameters, normalized.multiply_adds) == (
        plain.rows, plain.parameters, plain.multiply_adds,
    )  # fmt: skip
    assert normalized.weights["conv2d_1.parametrizations.weight.original"] == plain.weights["conv2d_1.weight"]


class Conditioned(nn.Module):
    """Images (B, 2, 4, 4) and labels (B,): a convolution, an embedding added to its maps, and a skip connection."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(3))
        self.maps = nn.Conv2d(2, 3, 3, padding=1)
        self.classes = nn.Embedding(5, 3)
        self.back = nn.Conv2d(3, 2, 1, bias=False)
        self.frozen = nn.Linear(2, 2).requires_grad_(False)
        self.spare = nn.Linear(4, 1)
        self.register_buffer("seen", torch.zeros(7))

    def forward(self, images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        maps = self.maps(images) + self.classes(labels)[:, :, None, None] * self.scale[:, None, None]
        channels = images + self.back(torch.relu(self.back(maps).repeat(1, 2, 1, 1)[:, :3]))
        mixed = self.frozen(channels.mean(dim=(2, 3)))
        return channels.flatten(1) @ channels.flatten(1).t(), mixed


def test_a_module_with_two_inputs_a_skip_connection_and_an_embedding_is_counted_by_hand() -> None:
    with torch.device("meta"):
        table = measure_layers(Conditioned(), (torch.zeros(2, 2, 4, 4), torch.zeros(2, dtype=torch.int64)))
    assert table.rows == (
        LayerRow("maps", (3, 4, 4), 2 * 3 * 9 + 3, 2 * 3 * 9 * 16),
        LayerRow("classes", (3,), 5 * 3, 0),
        LayerRow("back", (2, 4, 4), 3 * 2, 2 * (3 * 2 * 16)),
        LayerRow("frozen", (2,), 0, 2 * 2),
        # The module itself: its own parameter, and the product of (2, 32) and (32, 2), half of which belongs to each
        # example.
        LayerRow("Conditioned", (2,), 3, 2 * 32),
        LayerRow("spare", None, 4 + 1, 0),
    )
    assert table.parameters == 57 + 15 + 6 + 3 + 5
    assert table.multiply_adds == 864 + 192 + 4 + 64
    assert table.weights == {
        "scale": (3,), "maps.weight": (3, 2, 3, 3), "maps.bias": (3,), "classes.weight": (5, 3), "seen": (7,),
        "back.weight": (2, 3, 1, 1), "frozen.weight": (2, 2), "frozen.bias": (2,), "spare.weight": (1, 4),
        "spare.bias": (1,),
    }  # fmt: skip
    assert not table.normalized


def test_the_products_of_a_transformer_are_counted_too() -> None:
    with torch.device("meta"):
        layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
        table = measure_layers(layer, (torch.zeros(2, 5, 8),))
    attention = 5 * 8 * 3 * 8 + 2 * 5 * 5 * 8 + 5 * 8 * 8
    assert table.multiply_adds == attention + 5 * 8 * 16 + 5 * 16 * 8
    assert table.parameters == sum(parameter.numel() for parameter in layer.parameters())


def test_weights_that_two_layers_share_count_once() -> None:
    first, second = nn.Linear(4, 4), nn.Linear(4, 4)
    second.weight = first.weight
    table = measure_layers(nn.Sequential(first, second), (torch.zeros(2, 4),))
    assert [row.parameters for row in table.rows] == [20, 4] and table.parameters == 24


def test_a_module_that_is_one_layer_is_one_row_by_its_class() -> None:
    assert measure_layers(spectral_norm(nn.Linear(4, 3)), (torch.zeros(2, 4),)).rows == (
        LayerRow("Linear", (3,), 15, 12),
    )


def test_a_failed_call_leaves_no_hooks_on_the_module() -> None:
    module = nn.Sequential(nn.Linear(4, 3), nn.Linear(4, 3))
    with pytest.raises(RuntimeError):
        measure_layers(module, (torch.zeros(2, 4),))
    assert all(not each._forward_hooks and not each._forward_pre_hooks for each in module.modules())
    assert math.prod(module[0](torch.zeros(2, 4)).shape) == 6
