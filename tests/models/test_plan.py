"""A plan's arithmetic, compared with results computed by hand: shapes, parameters, multiply-adds (`test_build.py`
compares with torch)."""

import subprocess
import sys

from hypothesis import given
from hypothesis import strategies as st

from pipeline.models.plan import Plan


def test_a_linear_layer_has_a_weight_for_every_pair_and_a_bias_for_every_output() -> None:
    plan = Plan((100,)).linear(128)

    assert plan.output_shape == (128,)
    assert plan.parameters == 100 * 128 + 128
    assert plan.multiply_adds == 100 * 128
    assert Plan((100,)).linear(128, bias=False).parameters == 100 * 128


def test_a_strided_convolution_halves_the_image() -> None:
    plan = Plan((3, 32, 28)).conv2d(16, kernel=4, stride=2, padding=1)

    assert plan.output_shape == (16, 16, 14)
    assert plan.parameters == 16 * 3 * 4 * 4 + 16
    assert plan.multiply_adds == 16 * 14 * 16 * 3 * 4 * 4


def test_a_transposed_convolution_doubles_the_image() -> None:
    plan = Plan((16, 7, 8)).conv_transpose2d(3, kernel=4, stride=2, padding=1, bias=False)

    assert plan.output_shape == (3, 14, 16)
    assert plan.parameters == 16 * 3 * 4 * 4
    assert plan.multiply_adds == 7 * 8 * 16 * 3 * 4 * 4


@given(side=st.integers(1, 64), kernel=st.integers(1, 6), stride=st.integers(1, 3), padding=st.integers(0, 2))
def test_a_convolution_undoes_the_shape_of_its_transpose(side: int, kernel: int, stride: int, padding: int) -> None:
    small = Plan((1, side, side))
    large = small.conv_transpose2d(1, kernel=kernel, stride=stride, padding=padding)

    assert large.conv2d(1, kernel=kernel, stride=stride, padding=padding).output_shape == small.output_shape


def test_elementwise_layers_keep_the_shape_and_cost_no_multiply_adds() -> None:
    plan = Plan((8, 4, 4)).batch_norm().relu().leaky_relu(0.2).tanh().dropout(0.3)

    assert {layer.output_shape for layer in plan.layers} == {(8, 4, 4)}
    assert plan.multiply_adds == 0
    assert plan.parameters == 2 * 8


def test_flatten_and_unflatten_undo_each_other() -> None:
    plan = Plan((8, 4, 2)).flatten()

    assert plan.output_shape == (64,)
    assert plan.unflatten((8, 4, 2)).output_shape == (8, 4, 2)


def test_layers_are_numbered_by_kind_so_that_every_name_is_unique() -> None:
    plan = Plan((4,)).linear(4).relu().linear(4).relu()

    assert [layer.name for layer in plan.layers] == ["linear_1", "relu_1", "linear_2", "relu_2"]


def test_adding_a_layer_leaves_the_original_plan_unchanged() -> None:
    start = Plan((4,)).linear(3)
    start.linear(2)

    assert start.output_shape == (3,)
    assert hash(start) == hash(Plan((4,)).linear(3))


def test_an_empty_plan_passes_its_input_through() -> None:
    assert Plan((5,)).output_shape == (5,)


def test_conditional_batch_norm_has_a_scale_and_a_shift_for_every_class_and_channel() -> None:
    plan = Plan((16 + 10,), classes=10).class_embedding(8)
    assert (plan.output_shape, plan.parameters, plan.multiply_adds) == ((16 + 8,), 10 * 8, 10 * 8)

    normalized = plan.unflatten((6, 2, 2)).batch_norm()
    assert normalized.layers[-1].parameters == normalized.layers[-1].multiply_adds == 2 * 10 * 6


def test_a_projection_is_a_linear_map_and_an_inner_product_with_the_classs_own_features() -> None:
    plan = Plan((64,)).projection(10)

    assert plan.output_shape == (1,)
    assert plan.parameters == 64 + 1 + 10 * 64
    assert plan.multiply_adds == 64 + 64


def test_self_attention_costs_four_small_convolutions_and_two_products_over_all_pairs_of_positions() -> None:
    plan = Plan((64, 7, 7)).self_attention()

    assert plan.output_shape == (64, 7, 7)
    assert plan.parameters == 4 * 64 * 8 + 1
    assert plan.multiply_adds == 4 * 64 * 8 * 49 + 2 * 49 * 49 * 8
    assert Plan((4, 7, 7)).self_attention().parameters == 4 * 4 * 1 + 1


def test_a_residual_block_costs_the_sum_of_its_branches_and_lists_their_layers() -> None:
    plan = Plan((4, 8, 8)).relu()
    main = plan.branch().conv2d(6, kernel=3, padding=1).avg_pool2d()
    shortcut = plan.branch().avg_pool2d().conv2d(6, kernel=1)
    block = plan.residual("down_block", main, shortcut)

    assert block.output_shape == (6, 4, 4)
    assert block.parameters == main.parameters + shortcut.parameters == (4 * 9 + 1) * 6 + (4 + 1) * 6
    assert block.multiply_adds == 4 * 9 * 6 * 64 + 4 * 6 * 16
    assert [path for path, _ in block.leaves] == [
        "relu_1",
        "down_block_1.main.conv2d_1",
        "down_block_1.main.avg_pool2d_1",
        "down_block_1.shortcut.avg_pool2d_1",
        "down_block_1.shortcut.conv2d_1",
    ]
    assert block.has_blocks and not plan.has_blocks


def test_upsampling_doubles_an_image_and_pooling_halves_it() -> None:
    plan = Plan((3, 5, 6)).upsample()

    assert plan.output_shape == (3, 10, 12)
    assert plan.avg_pool2d().output_shape == (3, 5, 6)
    assert plan.global_pool("mean").output_shape == (3,)
    assert plan.global_pool("mean").parameters == 0


def test_plans_load_no_torch() -> None:
    families = ", ".join(f"pipeline.models.{family}" for family in ("mlp", "dcgan", "resnet"))
    code = f"import sys; import {families}; sys.exit('torch' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
