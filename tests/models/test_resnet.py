"""The residual networks: the same sizes as the DCGANs, in blocks whose two branches have equal shapes."""

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional as F

from pipeline.models import pyramid, resnet
from pipeline.models.build import build_network
from pipeline.models.plan import Plan

SIDES = st.integers(2, 24).map(lambda quarter: pyramid.SIDE_MULTIPLE * quarter)


def blocks(plan: Plan) -> list[tuple[str, tuple[int, ...]]]:
    return [(layer.name, layer.output_shape) for layer in plan.layers if layer.branches]


@given(
    channels=st.sampled_from([1, 3]),
    height=SIDES,
    width=SIDES,
    base_channels=st.integers(1, 64),
    classes=st.sampled_from([0, 2, 10]),
)
def test_the_generator_makes_what_the_discriminator_scores(
    channels: int, height: int, width: int, base_channels: int, classes: int
) -> None:
    generator = resnet.generator_plan(5, (channels, height, width), base_channels, classes=classes)
    discriminator = resnet.discriminator_plan(generator.output_shape, base_channels, classes=classes)

    assert generator.input_shape == (5 + classes,)
    assert generator.output_shape == (channels, height, width)
    assert discriminator.output_shape == (1,)


def test_28_pixels_take_two_up_blocks_and_two_down_blocks_and_one_on_the_coarse_image() -> None:
    assert blocks(resnet.generator_plan(100, (1, 28, 28))) == [
        ("up_block_1", (64, 14, 14)), ("up_block_2", (32, 28, 28)),
    ]  # fmt: skip
    assert blocks(resnet.discriminator_plan((1, 28, 28))) == [
        ("down_block_1", (32, 14, 14)), ("down_block_2", (64, 7, 7)), ("block_1", (64, 7, 7)),
    ]  # fmt: skip


def test_the_image_itself_is_not_rectified() -> None:
    first, second, _ = (layer for layer in resnet.discriminator_plan((1, 28, 28)).layers if layer.branches)

    assert dict(first.branches)["main"].layers[0].kind == "conv2d"
    assert dict(second.branches)["main"].layers[0].kind == "relu"


def test_only_generators_have_normalization_and_only_on_request() -> None:
    def normalizations(plan: Plan) -> int:
        return sum("norm" in layer.kind for _, layer in plan.leaves)

    assert normalizations(resnet.discriminator_plan((3, 32, 32))) == 0
    assert normalizations(resnet.generator_plan(8, (3, 32, 32), normalization="none")) == 0
    assert normalizations(resnet.generator_plan(8, (3, 32, 32))) == 2 * 3 + 1


def test_a_block_adds_its_shortcut_to_what_it_computes() -> None:
    network = build_network(resnet.discriminator_plan((3, 8, 8), base_channels=4), seed=1)
    block = network.get_submodule("down_block_1")
    images = torch.randn(2, 3, 8, 8)

    main, shortcut = block.get_submodule("main"), block.get_submodule("shortcut")
    first, second, pass_on = main.conv2d_1, main.conv2d_2, shortcut.conv2d_1
    expected = F.avg_pool2d(second(F.relu(first(images))), 2) + F.avg_pool2d(pass_on(images), 2)
    torch.testing.assert_close(block(images), expected)


def test_convolving_before_upsampling_equals_the_papers_order() -> None:
    shortcut = build_network(resnet.generator_plan(4, (1, 8, 8), 6), seed=1).get_submodule("up_block_1.shortcut")
    values = torch.randn(2, 6, 4, 4)

    torch.testing.assert_close(shortcut(values), shortcut.conv2d_1(F.interpolate(values, scale_factor=2)))


def test_the_sum_of_a_feature_map_is_its_mean_times_its_pixels() -> None:
    summed = build_network(Plan((2, 4, 6)).global_pool("sum"), seed=1)
    mean = build_network(Plan((2, 4, 6)).global_pool("mean"), seed=1)
    values = torch.randn(3, 2, 4, 6)

    torch.testing.assert_close(summed(values), 24 * mean(values))


def test_the_branches_of_a_new_network_vary_about_as_much_as_each_other() -> None:
    """With torch's own initialisation the main branch would vary 0.14 to 0.40 times as much, less in deeper blocks."""
    torch.manual_seed(0)
    network = build_network(resnet.discriminator_plan((3, 32, 32)), seed=1)
    spreads: dict[str, float] = {}
    for path, module in network.named_modules():
        if path.endswith(("main", "shortcut")):
            module.register_forward_hook(
                lambda _, inputs, output, path=path: spreads.update({path: output.std().item()})
            )
    network(torch.randn(8, 3, 32, 32))

    ratios = [
        spread / spreads[path.replace("main", "shortcut")] for path, spread in spreads.items() if path.endswith("main")
    ]
    assert len(ratios) == 4
    assert all(0.5 < ratio < 3 for ratio in ratios)


def test_a_gradient_penalty_reaches_every_weight() -> None:
    network = build_network(resnet.discriminator_plan((1, 8, 8), 4, classes=2, attention=4), seed=1)
    # A gamma of 0, its initial value, passes no gradient to the convolutions of the attention.
    nn.init.ones_(network.get_parameter("self_attention_1.gamma"))
    images = torch.randn(3, 1, 8, 8, requires_grad=True)

    scores = network(images, torch.tensor([0, 1, 1]))
    (slopes,) = torch.autograd.grad(scores.sum(), images, create_graph=True)
    slopes.square().sum().backward()

    # Through rectifiers, a bias shifts the score but not its slope.
    unreached = [
        name
        for name, weight in network.named_parameters()
        if "bias" not in name and (weight.grad is None or not weight.grad.any())
    ]
    assert unreached == []
