"""The convolutional networks: images of any size that fits, with generator and discriminator mirroring each other."""

from hypothesis import given
from hypothesis import strategies as st

from pipeline.models import dcgan, pyramid
from pipeline.models.plan import Plan

SIDES = st.integers(2, 64).map(lambda quarter: pyramid.SIDE_MULTIPLE * quarter)


def shapes(plan: Plan, *kinds: str) -> list[tuple[int, ...]]:
    return [layer.output_shape for layer in plan.layers if layer.kind in kinds]


@given(
    channels=st.sampled_from([1, 3]),
    height=SIDES,
    width=SIDES,
    latent_dim=st.integers(1, 256),
    base_channels=st.integers(1, 128),
    classes=st.sampled_from([0, 2, 10]),
)
def test_the_generator_makes_what_the_discriminator_scores(
    channels: int, height: int, width: int, latent_dim: int, base_channels: int, classes: int
) -> None:
    generator = dcgan.generator_plan(latent_dim, (channels, height, width), base_channels, classes)
    discriminator = dcgan.discriminator_plan(generator.output_shape, base_channels, classes=classes)

    assert generator.input_shape == (latent_dim + classes,)
    assert generator.output_shape == (channels, height, width)
    assert discriminator.output_shape == (1,)


def test_28_pixels_are_a_quarter_doubled_twice() -> None:
    plan = dcgan.generator_plan(100, (1, 28, 28))

    assert shapes(plan, "unflatten", "conv_transpose2d") == [(64, 7, 7), (32, 14, 14), (1, 28, 28)]
    assert plan.layers[-1].kind == "tanh"


def test_the_discriminator_halves_28_pixels_twice() -> None:
    assert shapes(dcgan.discriminator_plan((1, 28, 28)), "conv2d") == [(32, 14, 14), (64, 7, 7)]


def test_the_networks_for_28_pixels_equal_those_of_earlier_runs() -> None:
    generator, discriminator = dcgan.generator_plan(100, (1, 28, 28)), dcgan.discriminator_plan((1, 28, 28))

    assert [layer.name for layer in generator.layers] == [
        "linear_1", "unflatten_1", "batch_norm2d_1", "relu_1",
        "conv_transpose2d_1", "batch_norm2d_2", "relu_2", "conv_transpose2d_2", "tanh_1",
    ]  # fmt: skip
    assert [layer.name for layer in discriminator.layers] == [
        "conv2d_1", "leaky_relu_1", "conv2d_2", "batch_norm2d_1", "leaky_relu_2", "flatten_1", "linear_1",
    ]  # fmt: skip
    assert (generator.parameters, discriminator.parameters) == (347_073, 36_577)


def test_64_pixels_are_halved_four_times_and_grow_from_4() -> None:
    generator = dcgan.generator_plan(100, (3, 64, 64), base_channels=256)
    discriminator = dcgan.discriminator_plan((3, 64, 64), base_channels=32)

    assert shapes(generator, "unflatten", "conv_transpose2d") == [
        (256, 4, 4), (128, 8, 8), (64, 16, 16), (32, 32, 32), (3, 64, 64),
    ]  # fmt: skip
    assert shapes(discriminator, "conv2d") == [(32, 32, 32), (64, 16, 16), (128, 8, 8), (256, 4, 4)]


def test_a_critic_without_normalization_has_none() -> None:
    kinds = [layer.kind for layer in dcgan.discriminator_plan((1, 28, 28), normalization="none").layers]

    assert not any("norm" in kind for kind in kinds)
    assert any("norm" in layer.kind for layer in dcgan.discriminator_plan((1, 28, 28)).layers)


def test_self_attention_follows_the_rectifier_of_its_feature_maps() -> None:
    generator = [layer.name for layer in dcgan.generator_plan(100, (1, 32, 32), attention=8).layers]
    discriminator = [layer.name for layer in dcgan.discriminator_plan((1, 32, 32), attention=16).layers]

    assert generator[generator.index("self_attention_1") - 1] == "relu_2"
    assert discriminator[discriminator.index("self_attention_1") - 1] == "leaky_relu_1"
