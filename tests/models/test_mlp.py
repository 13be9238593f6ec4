"""The multilayer perceptrons: hidden layers of the requested widths, in order."""

from pipeline.models import mlp
from pipeline.models.plan import Plan


def widths(plan: Plan) -> list[int]:
    return [layer.output_shape[0] for layer in plan.layers if layer.kind == "linear"]


def options(plan: Plan, kind: str) -> set[tuple[tuple[str, object], ...]]:
    return {layer.options for layer in plan.layers if layer.kind == kind}


def test_the_generator_goes_from_100_numbers_to_784_pixels_in_five_layers() -> None:
    plan = mlp.generator_plan(100, (1, 28, 28))

    assert plan.input_shape == (100,)
    assert widths(plan) == [128, 256, 512, 1024, 784]
    assert options(plan, "leaky_relu") == {(("negative_slope", 0.2),)}
    assert [layer.kind for layer in plan.layers[-3:]] == ["linear", "tanh", "unflatten"]
    assert plan.output_shape == (1, 28, 28)


def test_the_discriminator_goes_from_784_pixels_to_one_score_with_dropout_after_every_hidden_layer() -> None:
    plan = mlp.discriminator_plan((1, 28, 28))

    assert widths(plan) == [1024, 512, 256, 128, 1]
    assert options(plan, "dropout") == {(("p", 0.3),)}
    assert [layer.kind for layer in plan.layers] == ["flatten", *["linear", "leaky_relu", "dropout"] * 4, "linear"]
    assert plan.output_shape == (1,)


def test_hidden_widths_slope_and_dropout_are_parameters() -> None:
    generator = mlp.generator_plan(2, (3, 4, 4), hidden=(7,), slope=0.1)
    discriminator = mlp.discriminator_plan((3, 4, 4), hidden=(7, 5), slope=0.1, dropout=0.5)

    assert widths(generator) == [7, 48]
    assert widths(discriminator) == [7, 5, 1]
    assert options(generator, "leaky_relu") == options(discriminator, "leaky_relu") == {(("negative_slope", 0.1),)}
    assert options(discriminator, "dropout") == {(("p", 0.5),)}


def test_without_hidden_layers_a_network_is_one_linear_map() -> None:
    assert widths(mlp.generator_plan(2, (1, 2, 2), hidden=())) == [4]
    assert widths(mlp.discriminator_plan((1, 2, 2), hidden=())) == [1]
