"""The convolutional networks: any image whose sides are multiples of four, and each family the other's mirror."""

from hypothesis import given
from hypothesis import strategies as st

from pipeline.models import dcgan

SIDES = st.integers(1, 64).map(lambda quarter: dcgan.SIDE_MULTIPLE * quarter)


@given(
    channels=st.sampled_from([1, 3]),
    height=SIDES,
    width=SIDES,
    latent_dim=st.integers(1, 256),
    base_channels=st.integers(1, 128),
)
def test_the_generator_makes_what_the_discriminator_scores(
    channels: int, height: int, width: int, latent_dim: int, base_channels: int
) -> None:
    generator = dcgan.generator_plan(latent_dim, (channels, height, width), base_channels)
    discriminator = dcgan.discriminator_plan(generator.output_shape, base_channels)

    assert generator.input_shape == (latent_dim,)
    assert generator.output_shape == (channels, height, width)
    assert discriminator.output_shape == (1,)


def test_the_generator_projects_to_a_quarter_of_the_image_and_doubles_it_twice() -> None:
    plan = dcgan.generator_plan(100, (1, 28, 28))

    shapes = [layer.output_shape for layer in plan.layers if layer.kind in ("unflatten", "conv_transpose2d")]
    assert shapes == [(64, 7, 7), (32, 14, 14), (1, 28, 28)]
    assert plan.layers[-1].kind == "tanh"


def test_the_discriminator_halves_the_image_twice() -> None:
    plan = dcgan.discriminator_plan((1, 28, 28))

    shapes = [layer.output_shape for layer in plan.layers if layer.kind == "conv2d"]
    assert shapes == [(32, 14, 14), (64, 7, 7)]


def test_a_critic_without_normalization_has_none() -> None:
    kinds = [layer.kind for layer in dcgan.discriminator_plan((1, 28, 28), normalization="none").layers]

    assert not any("norm" in kind for kind in kinds)
    assert any("norm" in layer.kind for layer in dcgan.discriminator_plan((1, 28, 28)).layers)
