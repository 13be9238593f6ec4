"""Encoders and decoders: from an image to a latent code, and back.

An encoder outputs `numbers` values per latent dimension: 1 for the code itself, or 2 for the mean and the log-variance
of a normal distribution (Kingma & Welling 2014, arXiv 1312.6114). A decoder is a generator whose last layer is tanh, so
that its images are in [-1, 1] and the input of that layer is half the logit of the brightness.
"""

from math import prod

from pipeline.models.plan import Plan, Shape

SIDE_MULTIPLE = 4
"""Both sides of an image must be a multiple of this for the convolutions: two steps that halve or double them."""


def mlp_encoder_plan(image_shape: Shape, latent_dim: int, numbers: int, hidden: tuple[int, ...], slope: float) -> Plan:
    """`image_shape` (C, H, W) -> (numbers, latent_dim), through layers of the `hidden` widths."""
    plan = Plan(image_shape).flatten()
    for width in hidden:
        plan = plan.linear(width).leaky_relu(slope)
    return _code(plan, latent_dim, numbers)


def mlp_decoder_plan(latent_dim: int, image_shape: Shape, hidden: tuple[int, ...], slope: float) -> Plan:
    """(latent_dim,) -> `image_shape` (C, H, W) in [-1, 1], through layers of the `hidden` widths."""
    plan = Plan((latent_dim,))
    for width in hidden:
        plan = plan.linear(width).leaky_relu(slope)
    return plan.linear(prod(image_shape)).unflatten(image_shape).tanh()


def conv_encoder_plan(image_shape: Shape, latent_dim: int, numbers: int, base_channels: int) -> Plan:
    """`image_shape` (C, H, W) -> (numbers, latent_dim), through (2·base_channels, H/4, W/4)."""
    plan = Plan(image_shape)
    for channels in (base_channels, 2 * base_channels):
        plan = plan.conv2d(channels, kernel=4, stride=2, padding=1, bias=False).batch_norm().leaky_relu(0.2)
    return _code(plan.flatten(), latent_dim, numbers)


def conv_decoder_plan(latent_dim: int, image_shape: Shape, base_channels: int) -> Plan:
    """(latent_dim,) -> `image_shape` (C, H, W) in [-1, 1], through (2·base_channels, H/4, W/4)."""
    channels, height, width = image_shape
    coarse = (2 * base_channels, height // SIDE_MULTIPLE, width // SIDE_MULTIPLE)
    return (
        Plan((latent_dim,))
        .linear(prod(coarse), bias=False)
        .unflatten(coarse)
        .batch_norm()
        .relu()
        .conv_transpose2d(base_channels, kernel=4, stride=2, padding=1, bias=False)
        .batch_norm()
        .relu()
        .conv_transpose2d(channels, kernel=4, stride=2, padding=1)
        .tanh()
    )


def spatial_shape(image_shape: Shape, channels: int) -> tuple[int, int, int]:
    """The shape (C, H/4, W/4) of a spatial code of `channels` feature maps."""
    _, height, width = image_shape
    return channels, height // SIDE_MULTIPLE, width // SIDE_MULTIPLE


def spatial_encoder_plan(image_shape: Shape, code_channels: int, numbers: int, base_channels: int) -> Plan:
    """`image_shape` (C, H, W) -> (numbers, code_channels · H/4 · W/4): a code of feature maps, as rows of numbers.

    Each number sees only its neighbourhood, so that a code keeps where things are. As in latent diffusion, Rombach et
    al. 2022 (arXiv 2112.10752).
    """
    plan = Plan(image_shape)
    for channels in (base_channels, 2 * base_channels):
        plan = plan.conv2d(channels, kernel=4, stride=2, padding=1, bias=False).batch_norm().leaky_relu(0.2)
    plan = plan.conv2d(numbers * code_channels, kernel=3, padding=1).flatten()
    return plan.unflatten((numbers, prod(spatial_shape(image_shape, code_channels))))


def spatial_decoder_plan(code_channels: int, image_shape: Shape, base_channels: int) -> Plan:
    """(code_channels · H/4 · W/4,) -> `image_shape` (C, H, W) in [-1, 1], the way back of `spatial_encoder_plan`."""
    shape = spatial_shape(image_shape, code_channels)
    return (
        Plan((prod(shape),))
        .unflatten(shape)
        .conv2d(2 * base_channels, kernel=3, padding=1, bias=False)
        .batch_norm()
        .relu()
        .conv_transpose2d(base_channels, kernel=4, stride=2, padding=1, bias=False)
        .batch_norm()
        .relu()
        .conv_transpose2d(image_shape[0], kernel=4, stride=2, padding=1)
        .tanh()
    )


def _code(plan: Plan, latent_dim: int, numbers: int) -> Plan:
    return plan.linear(numbers * latent_dim).unflatten((numbers, latent_dim))
